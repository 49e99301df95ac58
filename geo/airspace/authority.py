"""Authorities as ED-269 and ED-318 write them: the same names, with texts in one language or in several."""

from __future__ import annotations

from collections.abc import Sequence

from geo.airspace.fields import mapping, text, word
from geo.airspace.zone import Authority, Purpose

FIELDS = (
    ("name", "name"),
    ("service", "service"),
    ("contactName", "contact_name"),
    ("email", "email"),
    ("phone", "phone"),
    ("siteURL", "site_url"),
    ("intervalBefore", "interval_before"),
)
"""Written name, and ours."""
NOBODY = Authority()
"""What stands for no authority where the format demands one."""


def read_authorities(values: Sequence[object]) -> tuple[Authority, ...]:
    """Those that say anything at all."""
    read = tuple(_authority(value) for value in values)
    return tuple(authority for authority in read if authority != NOBODY)


def _authority(value: object) -> Authority:
    fields = mapping(value)
    purpose = word(fields.get("purpose")).replace("AUTHORISATION", "AUTHORIZATION")
    return Authority(
        purpose=Purpose(purpose) if purpose in Purpose.__members__ else Purpose.INFORMATION,
        **{ours: text(fields.get(written)) for written, ours in FIELDS},
    )
