from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import CameraFailed
from media.rtsp.address import Address

CAMERA = Address.of("rtsp://10.8.1.8:8554/main?profile=1")


def test_the_ports_are_those_of_the_schemes() -> None:
    assert Address.of("rtsp://camera/").port == 554
    assert Address.of("rtsps://camera/").port == 322
    assert CAMERA.url == "rtsp://10.8.1.8:8554/main?profile=1"


@pytest.mark.parametrize(
    ("named", "base", "path"),
    [
        ("*", "/main", "/main"),
        ("trackID=0", "/main", "/main/trackID=0"),
        ("trackID=0", "/main/", "/main/trackID=0"),
        ("/other", "/main", "/other"),
        ("rtsp://10.8.1.8:8554/main/trackID=0", "/main", "/main/trackID=0"),
        ("RTSP://192.168.0.1:554/main/t?x=1", "/main", "/main/t?x=1"),
        ("rtsp://user:secret@evil.example/p", "/main", "/p"),
        ("http://evil.example/p", "/main", "/main/http://evil.example/p"),
    ],
)
def test_an_answer_names_a_path_and_never_another_host(named: str, base: str, path: str) -> None:
    found = CAMERA.at(CAMERA.path_of(named, base=base))
    assert found == f"rtsp://10.8.1.8:8554{path}"


@given(st.text(max_size=100))
def test_no_name_whatever_leads_off_the_camera_or_into_another_line(named: str) -> None:
    try:
        found = CAMERA.at(CAMERA.path_of(named, base="/main"))
    except CameraFailed:
        return
    assert found.startswith("rtsp://10.8.1.8:8554/")
    assert found.isascii()
    assert found.isprintable()
    assert " " not in found
