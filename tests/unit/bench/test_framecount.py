"""The counter of frames against the frames of a real WebSocket library, however the bytes are cut."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol
from websockets.streams import StreamReader

from tests.bench.framecount import OPCODE_PONG, OPCODE_TEXT, Count, FrameCounter, masked_frame
from tests.bench.viewers import read_frames, write_frames


class Wire(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.closed = True


def _frame(opcode: Opcode, payload: bytes) -> bytes:
    return Frame(opcode, payload).serialize(mask=False)


def _counter(*, keep: bool = False) -> tuple[FrameCounter, Count, Wire]:
    count, wire = Count(), Wire()
    counter = FrameCounter(count=count, path=None, keep=keep)
    counter.connection_made(wire)
    return counter, count, wire


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 1000, 10**6])
def test_frames_of_every_length_are_counted_however_they_are_cut(cut: int) -> None:
    sizes = [0, 1, 125, 126, 1700, 65_535, 65_536]
    frames = [_frame(Opcode.TEXT, b"x" * size) for size in sizes]
    data = b"".join(frames)
    counter, count, _ = _counter(keep=True)
    for first in range(0, len(data), cut):
        counter.data_received(data[first : first + cut])
    assert (count.frames, count.payload_bytes, count.kept) == (len(sizes), sum(sizes), frames)


def test_a_ping_is_answered_and_not_counted() -> None:
    counter, count, wire = _counter()
    counter.data_received(_frame(Opcode.PING, b"here?"))
    assert (count.frames, wire.written) == (0, masked_frame(OPCODE_PONG, b"here?"))


def test_a_close_closes_and_is_counted_as_closed() -> None:
    counter, count, wire = _counter()
    counter.data_received(_frame(Opcode.CLOSE, b""))
    counter.connection_lost(None)
    assert (wire.closed, count.closed) == (True, 1)


def test_it_upgrades_as_a_real_server_wants_it_and_then_says_hello() -> None:
    count, wire = Count(), Wire()
    counter = FrameCounter(count=count, path="/live", hello=b"h" * 700)
    counter.connection_made(wire)
    assert count.connected == 0
    server = ServerProtocol()
    server.receive_data(wire.written)
    (request,) = server.events_received()
    server.send_response(server.accept(request))  # type: ignore[arg-type] # the first event is the request
    wire.written = b""
    counter.data_received(b"".join(server.data_to_send()) + _frame(Opcode.TEXT, b"snapshot"))
    server.receive_data(wire.written)
    (hello,) = server.events_received()
    assert isinstance(hello, Frame)
    assert (hello.opcode, bytes(hello.data)) == (Opcode.TEXT, b"h" * 700)
    assert (count.connected, count.frames) == (1, 1)


def test_a_refused_upgrade_is_no_connection() -> None:
    count, wire = Count(), Wire()
    counter = FrameCounter(count=count, path="/live")
    counter.connection_made(wire)
    counter.data_received(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
    assert (wire.closed, count.connected) == (True, 0)


def test_a_client_frame_is_masked_and_reads_back() -> None:
    reader = StreamReader()
    reader.feed_data(masked_frame(OPCODE_TEXT, b"hello"))
    parsing = Frame.parse(reader.read_exact, mask=True)
    with pytest.raises(StopIteration) as done:
        next(parsing)
    assert bytes(done.value.value.data) == b"hello"


def test_kept_frames_read_back_from_their_file(tmp_path: Path) -> None:
    frames = [b"", b"a", b"x" * 70_000]
    write_frames(tmp_path / "frames", frames)
    assert read_frames(tmp_path / "frames") == frames
