"""What is asked of a camera, and what of its answers is followed: without a socket or a clock."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from media.errors import CameraFailed, LoginRefused
from media.rtsp.address import Address
from media.rtsp.dialogue import ANSWER_WITHIN_S, SILENT_S, Dialogue
from media.rtsp.login import Login
from media.rtsp.wire import Frame

URL = "rtsp://10.8.1.8:8554/main"
SDP = b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=0\r\n"
CHALLENGE = 'WWW-Authenticate: Digest realm="cam", nonce="n1"'
OVER_TCP = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"


class Talk:
    """A dialogue and the moment; what is asked comes as method, address and text."""

    def __init__(self, *, login: Login | None = None, ports: tuple[int, int] | None = None) -> None:
        self.now_s = 100.0
        self.dialogue = Dialogue(
            address=Address.of(URL), login=login, ports=ports, cnonce=lambda: "c", now_s=self.now_s
        )

    def asked(self) -> tuple[str, str, str]:
        text = self.dialogue.outgoing().decode()
        method, uri, _ = text.split(" ", 2)
        self.cseq = re.search(r"CSeq: (\d+)", text)[1]  # type: ignore[index]
        return method, uri, text

    def say(self, status: int, *headers: str, body: bytes = b"", cseq: str | None = None) -> None:
        lines = [f"RTSP/1.0 {status} So", f"CSeq: {cseq or self.cseq}", *headers]
        if body:
            lines += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        self.hear("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def hear(self, data: bytes) -> list[Frame]:
        return self.dialogue.receive(data, now_s=self.now_s)

    def later(self, seconds: float) -> None:
        self.now_s += seconds
        self.dialogue.tick(now_s=self.now_s)

    def until_playing(self, *, session: str = "Session: s1;timeout=60", over: str = OVER_TCP) -> list[str]:
        asked = []
        for headers, body in (
            (["Public: OPTIONS, GET_PARAMETER"], b""),
            ([f"Content-Base: {URL}/"], SDP),
            ([session, over], b""),
            (["Session: s1"], b""),
        ):
            method, uri, _ = self.asked()
            asked.append(f"{method} {uri}")
            self.say(200, *headers, body=body)
        assert self.dialogue.playing
        return asked


def test_the_questions_come_in_their_order_and_the_packets_after_them() -> None:
    talk = Talk()
    assert talk.until_playing() == [
        f"OPTIONS {URL}",
        f"DESCRIBE {URL}",
        f"SETUP {URL}/trackID=0",
        f"PLAY {URL}/",
    ]
    assert talk.hear(b"$\x00\x00\x03abc") == [Frame(0, b"abc")]
    assert talk.dialogue.goodbye().startswith(f"TEARDOWN {URL}/ RTSP/1.0\r\n".encode())


def test_nothing_is_torn_down_where_nothing_was_set_up() -> None:
    assert Talk().dialogue.goodbye() == b""


def test_a_camera_that_knows_no_options_is_asked_on() -> None:
    talk = Talk()
    talk.asked()
    talk.say(501)
    assert talk.asked()[0] == "DESCRIBE"


def test_the_session_is_kept_alive_at_half_its_time() -> None:
    talk = Talk()
    talk.until_playing(session="Session: s1;timeout=20")
    for _ in range(4):
        talk.later(2.4)
        talk.hear(b"$\x00\x00\x01a")
    assert talk.dialogue.outgoing() == b""
    talk.later(1.0)
    method, _, text = talk.asked()
    assert method == "GET_PARAMETER"
    assert "Session: s1\r\n" in text
    talk.say(405)  # some say that they can, and cannot
    for _ in range(5):
        talk.hear(b"$\x00\x00\x01a")
        talk.later(2.1)
    assert talk.asked()[0] == "OPTIONS"


def test_the_channels_are_those_that_the_camera_chose() -> None:
    talk = Talk()
    talk.until_playing(over="Transport: RTP/AVP/TCP;unicast;interleaved=4-5;ssrc=1")
    assert (talk.dialogue.channel, talk.dialogue.control_channel) == (4, 5)


def test_by_udp_our_ports_are_asked_for_and_another_way_is_refused() -> None:
    talk = Talk(ports=(5000, 5001))
    with pytest.raises(CameraFailed, match="video_over"):
        talk.until_playing()
    talk = Talk(ports=(5000, 5001))
    talk.until_playing(over="Transport: RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001")


def test_a_login_is_proved_once_and_with_each_question_after_it() -> None:
    talk = Talk(login=Login("ground", SecretStr("sesame")))
    assert "Authorization" not in talk.asked()[2]
    talk.say(401, CHALLENGE)
    for headers, body in (([], b""), ([], SDP), (["Session: s1", OVER_TCP], b"")):
        text = talk.asked()[2]
        assert 'Authorization: Digest username="ground", realm="cam", nonce="n1"' in text
        assert "sesame" not in text
        talk.say(200, *headers, body=body)


def test_a_login_that_is_refused_is_not_tried_again_but_with_a_fresh_nonce() -> None:
    talk = Talk(login=Login("ground", SecretStr("wrong")))
    talk.asked()
    talk.say(401, CHALLENGE)
    talk.asked()
    talk.say(401, 'WWW-Authenticate: Digest realm="cam", nonce="n2", stale=true')
    assert 'nonce="n2"' in talk.asked()[2]
    with pytest.raises(LoginRefused, match="refuses the login"):
        talk.say(401, 'WWW-Authenticate: Digest realm="cam", nonce="n3", stale=true')


def test_a_camera_that_wants_a_login_where_none_is_given_is_said() -> None:
    talk = Talk()
    talk.asked()
    with pytest.raises(LoginRefused, match="none is given"):
        talk.say(401, CHALLENGE)


@pytest.mark.parametrize("status", [300, 301, 302, 305, 399])
def test_a_redirect_is_not_followed_wherever_it_comes(status: int) -> None:
    for earlier in range(3):
        talk = Talk()
        for body in (b"", SDP)[:earlier]:
            talk.asked()
            talk.say(200, body=body)
        talk.asked()
        with pytest.raises(CameraFailed, match="elsewhere"):
            talk.say(status, "Location: rtsp://10.0.0.1:22/")
        assert talk.dialogue.outgoing() == b""


def test_what_a_camera_asks_of_us_is_not_done() -> None:
    talk = Talk()
    talk.until_playing()
    talk.hear(b"REDIRECT rtsp://10.0.0.1/ RTSP/1.0\r\nCSeq: 7\r\nLocation: rtsp://10.0.0.1/\r\n\r\n")
    assert talk.dialogue.outgoing() == b"RTSP/1.0 501 Not Implemented\r\nCSeq: 7\r\n\r\n"


def _answer(*headers: str, status: int = 200, body: bytes = b"", cseq: str | None = None) -> Callable[[Talk], None]:
    return lambda talk: talk.say(status, *headers, body=body, cseq=cseq)


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([_answer(cseq="77")], "not asked"),
        ([_answer(), _answer(status=404)], "DESCRIBE with status 404"),
        ([_answer(), _answer("Content-Type: text/html", body=b"")], "not SDP"),
        ([_answer(), _answer(body=b"v=0\r\n")], "no video"),
        ([_answer(), _answer(body=SDP), _answer(OVER_TCP)], "session without a name"),
        ([_answer(), _answer(body=SDP), _answer("Session: s", "Transport: RTP/AVP;unicast")], "video_over"),
        ([_answer(), _answer(body=SDP), _answer(status=454)], "SETUP with status 454"),
        ([_answer(), _answer("Content-Base: rtsp://h/a b", body=SDP)], "address that is none"),
    ],
)
def test_an_answer_that_will_not_do_ends_the_connection(answers: list[Callable[[Talk], None]], why: str) -> None:
    talk = Talk()
    for answer in answers[:-1]:
        talk.asked()
        answer(talk)
    talk.asked()
    with pytest.raises(CameraFailed, match=why):
        answers[-1](talk)


def test_who_does_not_answer_in_time_is_left() -> None:
    talk = Talk()
    talk.later(ANSWER_WITHIN_S)
    with pytest.raises(CameraFailed, match="no answer to OPTIONS"):
        talk.later(0.1)


def test_who_plays_and_sends_nothing_is_left() -> None:
    talk = Talk()
    talk.until_playing()
    talk.later(SILENT_S - 0.1)
    talk.hear(b"$\x00\x00\x01a")
    talk.hear(b"$\x05\x00\x01a")  # of another channel: no picture
    talk.later(SILENT_S)
    with pytest.raises(CameraFailed, match="nothing has come"):
        talk.later(0.1)


def test_who_goes_on_asking_for_proofs_comes_to_an_end() -> None:
    talk = Talk(login=Login("u", SecretStr("p")))
    stale = 'WWW-Authenticate: Digest realm="cam", nonce="n2", stale=true'
    headers: list[str]
    for headers, body in (([], b""), ([], SDP), (["Session: s1", OVER_TCP], b"")):
        for challenge in (CHALLENGE, stale):
            talk.asked()
            talk.say(401, challenge)
        talk.asked()
        talk.say(200, *headers, body=body)
    for challenge in (CHALLENGE, stale):
        talk.asked()
        talk.say(401, challenge)
    assert talk.asked()[0] == "PLAY"
    with pytest.raises(CameraFailed):
        talk.say(401, stale)


@given(st.lists(st.tuples(st.integers(100, 999), st.text(max_size=60), st.binary(max_size=120)), max_size=6))
def test_no_answers_whatever_do_more_than_end_it(answers: list[tuple[int, str, bytes]]) -> None:
    talk = Talk()
    try:
        for status, text, body in answers:
            asked = talk.dialogue.outgoing().decode()
            found = re.search(r"CSeq: (\d+)", asked)
            assert asked.count("\r\n\r\n") <= 1
            cseq = found[1] if found else "1"
            head = f"RTSP/1.0 {status} x\r\nCSeq: {cseq}\r\nContent-Length: {len(body)}\r\n"
            names = ("Session", "Transport", "Content-Base", "Public", "WWW-Authenticate")
            head += "".join(f"{name}: {text}\r\n" for name in names)
            talk.hear(head.encode("utf-8", "replace") + b"\r\n" + body)
    except CameraFailed:
        pass
