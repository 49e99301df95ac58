"""Whoever changes what a decision comes to raises its version: these digests are those of the version that stands."""

from __future__ import annotations

import hashlib

import rfc8785

from dispatcher.decision.version import VERSION
from tests.unit.decision.test_weighing import fleet, town
from tests.unit.decision.zones import airspace, decided_in

DIGESTS = {8: "f2e6ca792d44ac1b695d5c947b17cafe2acce423b6e895b24323881c90810a0d"}
"""By version, of three large fleets' options among zones: exact ways, bounds, reasons and their order."""


def test_the_same_inputs_come_to_the_bytes_of_this_version() -> None:
    digest = hashlib.sha256()
    for seed in (1, 2, 3):
        decision = decided_in(airspace(*town(seed)), *fleet(seed), exact_for=["dock-007"])
        digest.update(rfc8785.dumps(decision.options_json()))
    assert DIGESTS[VERSION] == digest.hexdigest(), "raise VERSION, and say there what has changed"
