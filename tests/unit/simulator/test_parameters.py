"""Parameters: kept with their type, travelling byte by byte."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import development as mav

from simulator.parameters import INT32, REAL32, Parameters, float_as_integer, integer_as_float
from tests.unit.simulator.ground import Ground


@given(st.integers(-(2**31), 2**31 - 1))
def test_an_integer_keeps_its_bytes_in_the_float(value: int) -> None:
    travelled = integer_as_float(value)
    if travelled == travelled:  # the bytes of a NaN may be normalised by the processor on the way
        assert float_as_integer(travelled) == value


def test_an_integer_is_set_and_read_bytewise() -> None:
    ground = Ground()
    wire = struct.unpack("<f", struct.pack("<i", 2))[0]
    (answer,) = ground.set_parameter("NAV_DLL_ACT", wire, INT32)
    assert (answer.param_id, answer.param_value, answer.param_type) == ("NAV_DLL_ACT", wire, INT32)
    assert ground.vehicle.parameters["NAV_DLL_ACT"] == 2


def test_a_change_is_told_a_second_time_and_an_unchanged_value_is_not() -> None:
    ground = Ground()
    ground.set_parameter("MIS_TAKEOFF_ALT", 15.0, REAL32)
    ground.run(0.1)
    assert len([m for m in ground.heard if m.get_type() == "PARAM_VALUE"]) == 2
    ground.set_parameter("MIS_TAKEOFF_ALT", 15.0, REAL32)
    ground.run(0.1)
    assert len([m for m in ground.heard if m.get_type() == "PARAM_VALUE"]) == 3


def test_an_unknown_parameter_is_not_answered_at_all() -> None:
    ground = Ground()
    assert ground.set_parameter("NO_SUCH_THING", 1.0, REAL32) == []
    assert ground.send(mav.MAVLink_param_request_read_message(7, 1, b"NO_SUCH_THING", -1)) == []


def test_a_value_of_the_wrong_type_changes_nothing_and_is_told_by_text() -> None:
    ground = Ground()
    ground.set_parameter("NAV_DLL_ACT", 2.0, REAL32)
    assert ground.vehicle.parameters["NAV_DLL_ACT"] == 0
    assert "param types mismatch param: NAV_DLL_ACT" in ground.texts


def test_a_listing_gives_every_parameter_once_in_order() -> None:
    ground = Ground()
    ground.send(mav.MAVLink_param_request_list_message(7, 1))
    ground.run(1.0)
    listed = [m for m in ground.heard if m.get_type() == "PARAM_VALUE"]
    assert [m.param_id for m in listed] == ground.vehicle.parameters.names
    assert [m.param_index for m in listed] == list(range(listed[0].param_count))


def test_what_waits_on_the_client_is_scaled_by_the_speed_as_px4_does() -> None:
    assert Parameters(speed=10)["COM_DL_LOSS_T"] == 100
    assert Parameters(speed=10).type_of("COM_DL_LOSS_T") == INT32
    assert Parameters(speed=10)["RTL_RETURN_ALT"] == Parameters()["RTL_RETURN_ALT"]
