from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from contracts.fleet import Dock, Fleet, Links
from tests.unit.contracts.test_fleet import fleet


def links(**video: Any) -> Links:
    """Of a fleet file's first dock."""
    document = fleet()
    document["docks"][0]["links"] |= video
    return Fleet.model_validate(document).docks[0].links


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
    document = fleet()
    for site in document["docks"]:
        site["links"]["video"] = f"rtsp://10.8.1.8/{path}"
    with pytest.raises(ValidationError, match="KESTREL_MEDIA_CAMERAS_FILE") as refused:
        Fleet.model_validate(document)
    (fault,) = refused.value.errors(include_input=False)
    assert "sesame" not in str(fault)


@pytest.mark.parametrize(
    ("video", "words"),
    [
        ({"video": "http://10.8.1.8/main"}, "must be rtp://"),
        ({"video": "rtsp://ground:sesame@10.8.1.8/main"}, "must be rtp://"),
        ({"video": "rtsp://10.8.1.8/a b"}, "must be rtp://"),
        ({"video": "rtsp://10.8.1.8/a\r\nX: 1"}, "one line"),
        ({"video": "rtsp://10.8.1.8@evil.example/main"}, "must be rtp://"),
        ({"video": "rtp://[x:5600"}, "must be rtp://"),
        ({"video": "rtsp:///main"}, "must be rtp://"),
        ({"video": "rtsp://10.8.1.8:70000/main"}, "needs a port of 1 to 65535"),
        ({"video": "rtp://10.8.1.8:0"}, "needs a port of 1 to 65535"),
        ({"video": "rtsp://10.8.1.8/live?user=ground&password=sesame"}, "KESTREL_MEDIA_CAMERAS_FILE"),
        ({"video": "rtsp://10.8.1.8/main", "video_from": "10.8.1.8"}, "video_from: is for rtp://"),
        ({"video": "rtp://10.8.1.8:5600", "video_over": "udp"}, "video_over: udp is for rtsp://"),
        ({"video": "rtsps://10.8.1.8/main", "video_over": "udp"}, "video_over: udp is for rtsp://"),
        ({"video": "rtsp://10.8.1.8/main", "video_over": "multicast"}, "'tcp' or 'udp'"),
    ],
)
def test_an_address_that_will_not_do_is_refused_with_its_reason(video: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        links(**video)


def test_a_journal_keeps_what_an_older_file_said_of_video() -> None:
    for old in ("rtp://0.0.0.0:0", "rtp://0.0.0.0:99999", "rtp://me@10.0.0.1:5600", f"rtp://{'x' * 200}:5600"):
        first = Fleet.model_validate(fleet()).docks[0].model_dump(mode="json")
        site = Dock.model_validate(first | {"links": first["links"] | {"video": old}})
        assert site.links.video == old
        with pytest.raises(ValidationError, match=r"docks\.0\.links\.video: "):
            links(video=old)
