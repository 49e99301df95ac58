"""Wind by height: the power law, what it is held to, and what is no height."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.flight.errors import InvalidWindError
from geo.flight.wind import CALM, SHEAR_ENDS_M, STANDARD_HEIGHT_M, Wind, shear, wind_at

MEASURED = Wind(speed_m_s=8.0, from_deg=240.0)
heights = st.floats(0, 500)


def test_at_the_height_of_the_sensor_the_wind_is_what_the_sensor_says() -> None:
    assert wind_at(MEASURED, STANDARD_HEIGHT_M) == MEASURED


def test_sixty_metres_up_there_is_three_tenths_more_and_from_the_same_side() -> None:
    above = wind_at(MEASURED, 60.0)
    # (60 / 10)^(1/7), worked out by hand with logarithms: e^(1.791759 / 7) = e^0.255966.
    assert above.speed_m_s == pytest.approx(8.0 * 1.29171, rel=1e-5)
    assert above.from_deg == MEASURED.from_deg


def test_a_sensor_on_a_low_mast_misses_more_of_the_wind_than_one_at_ten_metres() -> None:
    assert shear(60.0, measured_at_m=3.0) == pytest.approx(20.0 ** (1 / 7))
    assert shear(60.0, measured_at_m=3.0) > shear(60.0)


def test_below_the_sensor_no_shelter_is_promised() -> None:
    assert shear(2.0) == 1.0
    assert shear(-50.0) == 1.0


def test_above_the_surface_layer_the_wind_is_held() -> None:
    assert shear(10_000.0) == shear(SHEAR_ENDS_M)


def test_calm_stays_calm() -> None:
    assert wind_at(CALM, 120.0).speed_m_s == 0.0


@given(heights, heights)
def test_higher_up_there_is_never_less_wind(one_m: float, other_m: float) -> None:
    low_m, high_m = sorted((one_m, other_m))
    assert 1.0 <= shear(low_m) <= shear(high_m)


@given(st.floats(10, 300), st.floats(10, 300))
def test_measuring_at_one_height_and_then_at_another_comes_to_the_same(middle_m: float, top_m: float) -> None:
    low, high = sorted((middle_m, top_m))
    in_two_steps = shear(low) * shear(high, measured_at_m=low)
    assert in_two_steps == pytest.approx(shear(high))


@pytest.mark.parametrize("changes", [{"measured_at_m": -1.0}, {"measured_at_m": math.nan}, {"exponent": -0.1}])
def test_what_is_no_height_or_exponent_is_refused(changes: dict[str, float]) -> None:
    with pytest.raises(InvalidWindError):
        shear(60.0, **changes)
    with pytest.raises(InvalidWindError):
        shear(math.nan)
