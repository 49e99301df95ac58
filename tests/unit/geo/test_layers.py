"""Heights over one scene: whatever others have taken, the height that is found keeps clear of all of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from geo.flight.layers import SEPARATION_M, Taken, free_height_m
from geo.flight.position import LatLon, offset
from tests.unit.geo.aircraft import HOME

SCENE = offset(*HOME, bearing_deg=60, distance_m=2000)
FAR = offset(*HOME, bearing_deg=200, distance_m=3000)


def taken(lowest_m: float, highest_m: float | None = None, *, home: LatLon = HOME, watch: LatLon = SCENE) -> Taken:
    return Taken(lowest_m=lowest_m, highest_m=lowest_m if highest_m is None else highest_m, home=home, watch=watch)


def height(*others: Taken, wanted_m: float = 150.0, lowest_m: float = 120.0, highest_m: float = 210.0) -> float | None:
    return free_height_m(wanted_m=wanted_m, lowest_m=lowest_m, highest_m=highest_m, taken=others)


def test_an_empty_sky_leaves_the_wanted_height() -> None:
    assert height() == 150.0


def test_beside_one_aircraft_at_the_wanted_height_it_goes_above() -> None:
    assert height(taken(150)) == 170.0


def test_under_a_low_ceiling_it_goes_below() -> None:
    assert height(taken(150), highest_m=165) == 130.0


def test_an_aircraft_that_climbs_between_transit_and_watch_takes_all_of_that() -> None:
    assert height(taken(135, 160)) == 180.0


def test_the_third_goes_where_two_leave_room() -> None:
    assert height(taken(150), taken(170)) == 130.0
    assert height(taken(150), taken(170), lowest_m=140) == 190.0


def test_where_no_height_is_free_that_is_said() -> None:
    assert height(taken(150), lowest_m=140, highest_m=165) is None


def test_who_takes_off_under_a_watch_position_stays_below_it() -> None:
    under = offset(*SCENE, bearing_deg=0, distance_m=25)
    other = taken(150).seen_from(home=under, watch=FAR)
    assert height(other) == 130.0
    assert height(taken(150).seen_from(home=FAR, watch=SCENE)) == 170.0


def test_who_watches_over_another_s_home_stays_above_its_landing() -> None:
    over = offset(*HOME, bearing_deg=90, distance_m=25)
    assert height(taken(150).seen_from(home=FAR, watch=over), highest_m=165) is None
    assert height(taken(150).seen_from(home=FAR, watch=over)) == 170.0


bands = st.builds(lambda lowest_m, size_m: taken(lowest_m, lowest_m + size_m), st.floats(100, 250), st.floats(0, 40))


@given(
    others=st.lists(bands, max_size=4), wanted_m=st.floats(100, 250), low=st.floats(90, 140), room=st.floats(20, 120)
)
def test_a_height_that_is_found_is_clear_of_all_and_inside_the_limits(
    others: list[Taken], wanted_m: float, low: float, room: float
) -> None:
    found = height(*others, wanted_m=wanted_m, lowest_m=low, highest_m=low + room)
    if found is None:
        # Then not even one of a fine ladder of heights is clear.
        ladder = [low + room * step / 200 for step in range(201)]
        clear = [
            rung for rung in ladder if all(abs(rung - edge) >= SEPARATION_M + 1 for o in others for edge in _inside(o))
        ]
        assert clear == []
        return
    assert low <= found <= low + room
    for other in others:
        assert found >= other.highest_m + SEPARATION_M - 1e-6 or found <= other.lowest_m - SEPARATION_M + 1e-6


def _inside(other: Taken) -> list[float]:
    return [other.lowest_m + (other.highest_m - other.lowest_m) * step / 80 for step in range(81)]
