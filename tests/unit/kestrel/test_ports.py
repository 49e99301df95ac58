"""Free ports: distinct, really free, and held until they are released."""

from __future__ import annotations

import random
import socket

import pytest

from kestrel.errors import NoFreePort
from kestrel.ports import FIRST_PORT, LAST_PORT, LOOPBACK, FreePorts


def test_ports_are_distinct_and_held_for_tcp_and_udp_until_released() -> None:
    with FreePorts() as ports:
        taken = [ports.take() for _ in range(40)]
        assert len(set(taken)) == 40
        assert all(FIRST_PORT <= port < LAST_PORT for port in taken)
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(socket.AF_INET, kind) as stranger, pytest.raises(OSError):
                stranger.bind((LOOPBACK, taken[0]))
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as owner:
        owner.bind((LOOPBACK, taken[0]))


def test_a_preferred_port_is_given_when_free_and_another_when_not() -> None:
    with FreePorts() as ports:
        wanted = ports.take()
        assert ports.take(preferred=wanted) != wanted
    with FreePorts() as ports:
        assert ports.take(preferred=wanted) == wanted


def test_a_server_that_has_not_come_up_yet_keeps_its_port_from_who_looks_for_one() -> None:
    with FreePorts() as ours, FreePorts() as theirs:
        wanted = ours.take(tcp_alone=True)
        ours.release()
        assert theirs.take(preferred=wanted) != wanted
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
            server.bind((LOOPBACK, wanted))
    with FreePorts() as later:
        assert later.take(preferred=wanted) == wanted


def test_running_out_of_ports_is_said() -> None:
    class Exhausted(random.Random):
        def shuffle(self, x: object) -> None:
            assert isinstance(x, list)
            x.clear()

    with FreePorts(rng=Exhausted()) as ports, pytest.raises(NoFreePort, match="no free port"):
        ports.take()
