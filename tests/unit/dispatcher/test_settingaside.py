"""Which docks of a large fleet are worth a way when only warnings keep all of them at home."""

from __future__ import annotations

from dataclasses import replace

from dispatcher.decision.facts import DockFacts
from dispatcher.decision.option import Decision
from dispatcher.decision.weighing import SMALL_FLEET
from dispatcher.settingaside import NEAREST_HELD, warnings_of, worth_a_way
from tests.unit.decision.scene import INCIDENT, WEATHER, decided, dock_at

GUSTY = replace(WEATHER, gust_m_s=60.0)


def fleet(**changed: object) -> list[DockFacts]:
    """More docks than of a small fleet, each further away than the one before."""
    return [
        dock_at(f"dock-{number:03}", bearing_deg=40, distance_m=2400 - 40 * number, **changed)
        for number in range(SMALL_FLEET + 8)
    ]


def test_of_a_large_fleet_in_gusts_the_nearest_are_looked_at_so_that_one_may_be_sent() -> None:
    decision = decided(*fleet(weather=GUSTY))
    assert decision.best is None
    nearest = worth_a_way(decision)
    assert nearest == [option.dock_id for option in decision.options[:NEAREST_HELD]]
    assert not any(warnings_of(decision.option(dock_id)) for dock_id in nearest), "nothing is set aside on a bound"
    again = decided(*fleet(weather=GUSTY), exact_for=nearest)
    assert [[reason.code for reason in warnings_of(again.option(dock_id))] for dock_id in nearest] == [
        ["gust_over_limit"]
    ] * NEAREST_HELD
    assert worth_a_way(again) != nearest


def test_where_somebody_can_go_or_a_blocker_stands_or_the_incident_is_over_no_way_is_worth_it() -> None:
    one = replace(fleet()[0], weather=WEATHER)
    assert _worth(decided(one, *fleet(weather=GUSTY)[1:])) == []
    assert _worth(decided(*fleet(weather=GUSTY, seated=False))) == []
    assert _worth(decided(*fleet(weather=GUSTY), incident=replace(INCIDENT, closed=True))) == []


def _worth(decision: Decision) -> list[str]:
    return worth_a_way(decision)
