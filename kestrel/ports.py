"""Free ports on the loopback interface, all distinct, held until the processes that want them start.

They are taken from below the range that the system hands to outgoing connections, so that none is lost to a stranger
while the process it belongs to is being restarted.
"""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterator
from types import TracebackType

from kestrel.errors import NoFreePort

FIRST_PORT = 20_000
LAST_PORT = 32_000
"""Below 32768, where Linux begins to choose ports for outgoing connections (ip_local_port_range)."""
LOOPBACK = "127.0.0.1"


class FreePorts:
    """Takes ports one by one, TCP and UDP both; `release` gives them back just before they are bound for good.

    Of a port that serves TCP alone the UDP half may be kept until the end: whoever looks for a free port meanwhile sees
    that it is taken, also between its release and the start of its server.
    """

    def __init__(self, *, rng: random.Random | None = None) -> None:
        self._rng = rng or random.Random()  # noqa: S311 - spreading, not a secret
        self._held: list[socket.socket] = []
        self._kept: list[socket.socket] = []
        self._candidates: Iterator[int] | None = None

    def __enter__(self) -> FreePorts:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        _close(self._kept)

    def take(self, *, preferred: int | None = None, tcp_alone: bool = False) -> int:
        """A port nobody listens on, never the same twice; ``preferred`` when it is free. Raises `NoFreePort`."""
        if preferred is not None and self._hold(preferred, tcp_alone=tcp_alone):
            return preferred
        if self._candidates is None:
            numbers = list(range(FIRST_PORT, LAST_PORT))
            self._rng.shuffle(numbers)
            self._candidates = iter(numbers)
        for port in self._candidates:
            if self._hold(port, tcp_alone=tcp_alone):
                return port
        raise NoFreePort(host=LOOPBACK, first=FIRST_PORT, last=LAST_PORT)

    def release(self) -> None:
        """Close the sockets that hold the ports, but for what is kept until the end."""
        _close(self._held)

    def _hold(self, port: int, *, tcp_alone: bool) -> bool:
        with contextlib.ExitStack() as undo:
            pair = [
                undo.enter_context(socket.socket(socket.AF_INET, kind))
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)
            ]
            try:
                for one in pair:
                    one.bind((LOOPBACK, port))
            except OSError:
                return False
            undo.pop_all()
        tcp, udp = pair
        self._held.append(tcp)
        (self._kept if tcp_alone else self._held).append(udp)
        return True


def _close(sockets: list[socket.socket]) -> None:
    for each in sockets:
        each.close()
    sockets.clear()
