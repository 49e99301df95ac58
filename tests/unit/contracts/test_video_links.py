from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from contracts.fleet import Links


def links(**video: Any) -> Links:
    return Links(mavlink_url="udpin://127.0.0.1:14540", modbus="127.0.0.1:15021", **video)


@pytest.mark.parametrize(
    "video",
    [
        "rtp://10.8.0.1:5601",
        "rtsp://10.8.1.8/main",
        "rtsp://10.8.1.8:8554/video_stream__dev_video2",
        "rtsps://camera-3.drones.example/live?profile=1",
        "rtsp://camera:554",
        "rtsp://10.8.1.8/cam/realmonitor?channel=1&subtype=0",
        "rtsp://10.8.1.8/h264?profile=main&map=1",
    ],
)
def test_video_is_sent_here_or_asked_for_there(video: str) -> None:
    assert links(video=video).video == video


@pytest.mark.parametrize(
    "path",
    [
        "live?user=ground&password=sesame",
        "user=admin_password=sesame_channel=1_stream=0.sdp",
        "live?u=ground&p=sesame",
        "11?loginuse=ground&loginpas=sesame",
        "live;password=sesame",
        "live?%70assword=sesame",
        "live?%2570assword=sesame",
        "live?password%3Dsesame",
        "live?user_pwd=sesame",
        "live?access_token=sesame",
        "live?Authorization=sesame",
    ],
)
def test_an_address_with_a_login_in_it_is_refused_and_the_login_not_said(path: str) -> None:
    with pytest.raises(ValidationError, match="KESTREL_MEDIA_CAMERAS_FILE") as refused:
        links(video=f"rtsp://10.8.1.8/{path}")
    assert "sesame" not in refused.value.errors(include_input=False)[0]["msg"]


@pytest.mark.parametrize(
    ("video", "words"),
    [
        ({"video": "http://10.8.1.8/main"}, "pattern"),
        ({"video": "rtsp://ground:sesame@10.8.1.8/main"}, "pattern"),
        ({"video": "rtsp://10.8.1.8/a b"}, "pattern"),
        ({"video": "rtsp://10.8.1.8/a\r\nX: 1"}, "one line"),
        ({"video": "rtsp://10.8.1.8@evil.example/main"}, "pattern"),
        ({"video": "rtsp:///main"}, "pattern"),
        ({"video": "rtsp://10.8.1.8:70000/main"}, "a port of 1 to 65535"),
        ({"video": "rtp://10.8.1.8:0"}, "a port of 1 to 65535"),
        ({"video": "rtsp://10.8.1.8/live?user=ground&password=sesame"}, "KESTREL_MEDIA_CAMERAS_FILE"),
        ({"video": "rtsp://10.8.1.8/main", "video_from": "10.8.1.8"}, "video_from is for rtp://"),
        ({"video": "rtp://10.8.1.8:5600", "video_over": "udp"}, "video_over: udp is for rtsp://"),
        ({"video": "rtsps://10.8.1.8/main", "video_over": "udp"}, "video_over: udp is for rtsp://"),
        ({"video": "rtsp://10.8.1.8/main", "video_over": "multicast"}, "'tcp' or 'udp'"),
    ],
)
def test_an_address_that_will_not_do_is_refused_with_its_reason(video: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        links(**video)
