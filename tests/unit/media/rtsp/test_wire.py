from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import CameraFailed
from media.rtsp.wire import MAX_BODY_BYTES, MAX_HEAD_BYTES, Asked, Frame, Reader, Response, request

ANSWER = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 4\r\nX-A: 1\r\nx-a: 2\r\n\r\nbody"
FRAME = b"$\x00\x00\x03abc"


def read(*pieces: bytes) -> list[Response | Asked | Frame]:
    reader, found = Reader(), list[Response | Asked | Frame]()
    for piece in pieces:
        reader.feed(piece)
        while (each := reader.next()) is not None:
            found.append(each)
    return found


def test_an_answer_and_packets_around_it_are_told_apart_however_they_are_cut() -> None:
    whole = FRAME + ANSWER + FRAME + FRAME
    once = read(whole)
    assert once == read(*(whole[at : at + 1] for at in range(len(whole))))
    answer = once[1]
    assert isinstance(answer, Response)
    assert (answer.status, answer.body, answer.header("x-a"), answer.every("x-a")) == (200, b"body", "1", ["1", "2"])
    assert [each for each in once if isinstance(each, Frame)] == 3 * [Frame(0, b"abc")]


def test_what_a_camera_asks_is_no_answer() -> None:
    assert read(b"REDIRECT rtsp://h/ RTSP/1.0\r\nCSeq: 9\r\n\r\n") == [Asked("REDIRECT", "9")]


def cpu_s(data: bytes) -> float:
    began_s = time.process_time()
    read(data)
    return time.process_time() - began_s


def test_blank_lines_cost_next_to_nothing_however_many_there_are() -> None:
    messages_s = cpu_s(16_384 * b"$\x00\x00\x00")
    assert min(cpu_s(65_536 * b"\n") for _ in range(3)) < 0.2 * messages_s
    assert read(b"\r\n\n" + FRAME + b"\r\n" + FRAME) == 2 * [Frame(0, b"abc")]


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"RTSP/1.0 20 OK\r\n\r\n",
        b"\x00\x01\x02\x03\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nno header\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nX: \x07\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 1e3\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1),
        b"RTSP/1.0 200 OK\r\n" + 101 * b"X: 1\r\n" + b"\r\n",
        b"R" * MAX_HEAD_BYTES,
    ],
)
def test_what_is_no_answer_or_has_no_bound_ends_it(said: bytes) -> None:
    with pytest.raises(CameraFailed):
        read(said)


@given(st.lists(st.binary(max_size=400), max_size=8))
def test_no_bytes_whatever_do_more_than_end_it(pieces: list[bytes]) -> None:
    try:
        found = read(*pieces)
    except CameraFailed:
        return
    assert sum(len(each.data) for each in found if isinstance(each, Frame)) <= sum(map(len, pieces))


def test_a_request_is_written_as_it_is_read() -> None:
    assert request("PLAY", "rtsp://h:1/p", [("CSeq", "1")]) == b"PLAY rtsp://h:1/p RTSP/1.0\r\nCSeq: 1\r\n\r\n"
