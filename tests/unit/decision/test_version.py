"""Whoever changes what a decision comes to raises its version: these digests are those of the version that stands."""

from __future__ import annotations

import hashlib

import rfc8785

from dispatcher.decision.version import VERSION
from tests.unit.decision.test_weighing import fleet, town
from tests.unit.decision.zones import airspace, decided_in

DIGESTS = {6: "708eec72eb83c0e4efa564ec047f847159c9d73d56daef1f610170537bd41db4"}
"""By version, of three large fleets' options among zones: exact ways, bounds, reasons and their order."""


def test_the_same_inputs_come_to_the_bytes_of_this_version() -> None:
    digest = hashlib.sha256()
    for seed in (1, 2, 3):
        decision = decided_in(airspace(*town(seed)), *fleet(seed), exact_for=["dock-007"])
        digest.update(rfc8785.dumps(decision.options_json()))
    assert DIGESTS[VERSION] == digest.hexdigest(), "raise VERSION, and say there what has changed"
