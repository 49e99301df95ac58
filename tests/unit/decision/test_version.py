"""Whoever changes what a decision comes to raises its version: these digests are those of the version that stands."""

from __future__ import annotations

import hashlib

import numpy as np
import rfc8785

from dispatcher.decision.version import VERSION
from dispatcher.decision.world import Ground
from geo.geodesy import Array
from tests.unit.decision.test_weighing import fleet, town
from tests.unit.decision.zones import airspace, decided_in

DIGESTS = {10: "0a47ee799a242eecb06be6daf556834a409d5142c20982c68f25c903864c8503"}
"""By version, of three large fleets' options among zones, and of one over hills: ways, bounds, reasons, their order."""


def _rolling(lat_deg: Array, lon_deg: Array) -> Array:
    """Hills of 45 m over a plain at the docks' height, about 400 m apart."""
    return np.asarray(82.0 + 45.0 * np.sin(lat_deg * 900.0) ** 2 * np.cos(lon_deg * 700.0) ** 2)


def test_the_same_inputs_come_to_the_bytes_of_this_version() -> None:
    digest = hashlib.sha256()
    for seed in (1, 2, 3):
        decision = decided_in(airspace(*town(seed)), *fleet(seed), exact_for=["dock-007"])
        digest.update(rfc8785.dumps(decision.options_json()))
    hilly = airspace(*town(1), ground=Ground(terrain_amsl=_rolling, digest="rolling"))
    digest.update(rfc8785.dumps(decided_in(hilly, *fleet(1)).options_json()))
    assert DIGESTS[VERSION] == digest.hexdigest(), "raise VERSION, and say there what has changed"
