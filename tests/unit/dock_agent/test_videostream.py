from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.fleet import Links
from dock_agent.mavsdk_payload import PayloadLink
from dock_agent.videostream import RTP_UDP, RTSP, otherwise
from kestrel.clock import VirtualClock


def links(video: str | None) -> Links:
    return Links(mavlink_url="udpin://127.0.0.1:14540", modbus="127.0.0.1:15021", video=video)


ASKED, SENT = links("rtsp://10.8.1.8:8554/main"), links("rtp://10.8.0.1:5601")


@pytest.mark.parametrize(
    ("kind", "uri", "fleet"),
    [
        (RTSP, "rtsp://192.168.2.2:8554/main", ASKED),  # the aircraft's own view of its address
        (RTSP, "rtsp://admin:pw@10.8.1.8:8554/main/", ASKED),
        (RTP_UDP, "5601", SENT),
        (RTSP, "rtsp://10.8.1.8/main", links(None)),
        (7, "srt://10.8.1.8", ASKED),
    ],
)
def test_what_agrees_is_not_spoken_of(kind: int, uri: str, fleet: Links) -> None:
    assert otherwise(kind, uri, fleet) is None


@pytest.mark.parametrize(
    ("kind", "uri", "fleet", "words"),
    [
        (RTSP, "rtsp://10.8.1.8/thermal", ASKED, "serves another path"),
        (RTP_UDP, "5601", ASKED, "sends RTP"),
        (RTSP, "rtsp://10.8.1.8/main", SENT, "serves RTSP, and the fleet file waits for RTP"),
        (RTP_UDP, "5600", SENT, "port 5600"),
        (RTSP, "rtsp://[", ASKED, "serves another path"),
    ],
)
def test_what_does_not_agree_is_said_so_that_it_can_be_put_right(kind: int, uri: str, fleet: Links, words: str) -> None:
    assert words in (otherwise(kind, uri, fleet) or "")


@given(st.integers(0, 9), st.text(max_size=160))
def test_no_announcement_whatever_does_harm_or_gets_a_second_line_into_the_log(kind: int, uri: str) -> None:
    for fleet in (ASKED, SENT):
        said = otherwise(kind, uri, fleet)
        assert said is None or (said.isprintable() and len(said) < 250)


@pytest.mark.parametrize("fleet", [ASKED, SENT])
@pytest.mark.parametrize(
    "uri",
    [
        "rtsp://admin:sesame@10.8.1.8/other?password=sesame",
        "rtsp://10.8.1.8/user=admin_password=sesame_channel=1_stream=0.sdp",
        "rtsp://10.8.1.8/admin/sesame/other",
    ],
)
def test_a_login_in_an_announced_address_is_not_said(uri: str, fleet: Links) -> None:
    said = otherwise(RTSP, uri, fleet)
    assert said is not None
    assert "sesame" not in said


class Deaf:
    """MAVSDK's direct access, to which nobody speaks."""

    def subscribe_message(self, *_: Any) -> None:
        pass


class Raw:
    """Commands that nobody gives."""

    direct = Deaf()


def test_it_is_said_once_however_often_it_is_announced(caplog: pytest.LogCaptureFixture) -> None:
    raw: Any = Raw()
    link = PayloadLink(raw=raw, clock=VirtualClock(), on_change=lambda: None, links=ASKED)
    caplog.set_level(logging.INFO)
    announced = {"flags": 1, "type": RTSP, "uri": "rtsp://10.8.1.8/thermal\0\0"}
    for _ in range(3):
        link.hear("VIDEO_STREAM_INFORMATION", json.dumps(announced))
        link.hear("VIDEO_STREAM_INFORMATION", json.dumps(announced | {"flags": 0, "uri": "rtsp://10.8.1.8/x"}))
    assert [record.__dict__["why"] for record in caplog.records] == [
        "it serves another path than the fleet file has asked for"
    ]
