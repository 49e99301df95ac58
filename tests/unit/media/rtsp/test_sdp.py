from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import CameraFailed
from media.rtsp.sdp import Track, read_description
from simulator.film.rtp import units_of
from tests.films import film

UNITS = list(units_of(film(1)[0]))
SPS, PPS = UNITS[0], UNITS[1]
SPROP = ",".join(base64.b64encode(unit).decode() for unit in (SPS, PPS))
HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\na=control:*\r\n"
AUDIO = "m=audio 0 RTP/AVP 0\r\na=control:track1\r\n"
VIDEO = (
    "m=video 0 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n"
    f"a=fmtp:97 profile-level-id=42C01F; packetization-mode=1;sprop-parameter-sets={SPROP}\r\na=control:track2\r\n"
)


def described(text: str) -> Track:
    return read_description(text.encode())


def test_the_first_track_of_h264_is_taken_whatever_else_there_is() -> None:
    track = described(HEAD + AUDIO + VIDEO + VIDEO.replace("track2", "track3"))
    assert (track.base, track.control, track.payload_type) == ("*", "track2", 97)
    assert (track.sps, track.pps) == (SPS, PPS)


def test_a_description_with_bare_line_feeds_and_no_parameters_will_do() -> None:
    track = described("m=video 0 RTP/AVP 96\na=rtpmap:96 h264/90000\n")
    assert (track.control, track.sps, track.pps) == ("*", None, None)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no video"),
        (HEAD + AUDIO, "no video"),
        (VIDEO.replace("H264", "H265"), "H265: only H.264"),
        (VIDEO.replace("packetization-mode=1", "packetization-mode=2"), "interleaved"),
        (VIDEO.replace("track2", "x y"), "address"),
        (VIDEO.replace("track2", "x" * 2000), "address"),
    ],
)
def test_what_cannot_be_shown_is_said(text: str, why: str) -> None:
    with pytest.raises(CameraFailed, match=why):
        described(text)


@pytest.mark.parametrize("sprop", ["", "!!!!", "Z0", "AAAA,BBBB", base64.b64encode(b"\x67" * 4000).decode()])
def test_parameter_sets_that_are_none_are_left_to_the_stream(sprop: str) -> None:
    track = described(VIDEO.replace(SPROP, sprop))
    assert (track.sps, track.pps) == (None, None)


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_text_whatever_does_more_than_end_it(head: str, tail: str) -> None:
    try:
        track = described(f"{head}\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:{tail}\r\n")
    except CameraFailed:
        return
    assert track.control.isprintable()
    assert " " not in track.control
