"""What may be set aside at a launch, and how far it yields."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.warnings import (
    TABLE,
    Concern,
    WarningCode,
    WarningOverride,
    concern_of,
    only_warnings,
    set_aside,
    yields,
)
from dispatcher.decision.reason import ReasonCode

GUST = WarningCode.GUST_OVER_LIMIT
COLD = WarningCode.TEMPERATURE_OUT_OF_LIMITS


def test_the_one_table_says_of_every_reason_whether_it_blocks() -> None:
    assert set(TABLE) == {code.value for code in ReasonCode}
    warnings = {code for code, line in TABLE.items() if line.concern is not Concern.BLOCKER}
    assert warnings == {code.value for code in WarningCode}
    assert all(TABLE[code].headroom > 0 and TABLE[code].unit for code in warnings)


def test_what_is_not_in_the_table_is_a_blocker() -> None:
    assert concern_of("something_new") is Concern.BLOCKER


@pytest.mark.parametrize(
    ("code", "shown", "value", "limit", "covered"),
    [
        (GUST, 17.0, 17.0, 16.0, True),
        (GUST, 17.0, 19.0, 16.0, True),
        (GUST, 17.0, 19.1, 16.0, False),
        (GUST, 17.0, 16.2, 16.0, True),
        (GUST, 15.0, 16.5, 16.0, False),
        (WarningCode.CHARGE_TOO_LOW, 50.0, 47.0, 60.0, True),
        (WarningCode.CHARGE_TOO_LOW, 50.0, 46.9, 60.0, False),
        (COLD, -12.0, -14.0, -10.0, True),
        (COLD, -12.0, -14.1, -10.0, False),
        (COLD, -12.0, 41.0, 40.0, False),
    ],
)
def test_a_warning_yields_to_what_was_shown_and_its_headroom_on_that_side_of_the_limit(
    code: WarningCode, shown: float, value: float, limit: float, covered: bool
) -> None:
    assert yields(code, shown=shown, value=value, limit=limit) is covered


def test_an_override_covers_its_own_warning_and_no_other() -> None:
    override = WarningOverride(
        warning=GUST,
        text="gust 17.0 m/s, limit 16.0",
        value=17.0,
        limit=16.0,
        note="the crew is in danger",
        by="pilot-1",
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert set_aside([override], GUST, value=17.5, limit=16.0)
    assert not set_aside([override], WarningCode.WIND_OVER_LIMIT, value=12.5, limit=12.0)
    assert not set_aside([], GUST, value=17.0, limit=16.0)


def test_only_warnings_means_reasons_that_may_all_be_set_aside_and_figures_that_hold() -> None:
    option = {"reasons": [{"code": "gust_over_limit"}], "time_to_scene_s": 90.0, "bound": False}
    assert only_warnings(option)
    assert not only_warnings({**option, "reasons": []})
    assert not only_warnings({**option, "reasons": [{"code": "gust_over_limit"}, {"code": "lid_fault"}]})
    assert not only_warnings({**option, "bound": True})
    assert not only_warnings({**option, "time_to_scene_s": None})
