"""Real brokers in processes of their own: Debian's Mosquitto and the embedded amqtt, with the same accounts and rules.

`BrokerProcess.stop` and `start` again is a broker that was away: neither keeps anything over it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from contracts.topics import DISPATCHER
from kestrel.brokeraccess import Account, dispatcher_account, dock_account, write_accounts
from kestrel.mqtt import Broker
from kestrel.ports import LOOPBACK, FreePorts

Kind = Literal["mosquitto", "amqtt"]
KINDS: tuple[Kind, ...] = ("mosquitto", "amqtt")
START_WITHIN_S = 20.0


def missing(kind: Kind) -> str:
    """Why this broker cannot be run here; empty when it can."""
    if kind == "mosquitto" and _mosquitto() is None:
        return "mosquitto is not installed (Debian: apt-get install mosquitto)"
    return ""


class BrokerProcess:
    """A broker on a port of its own, with an account for the dispatcher and for each dock."""

    def __init__(self, *, kind: Kind, folder: Path, force: str, docks: Iterable[str]) -> None:
        self.kind = kind
        self.force = force
        self._folder = folder
        self._docks = list(docks)
        self._process: asyncio.subprocess.Process | None = None
        with FreePorts() as ports:
            self.port = ports.take()

    def account(self, name: str = DISPATCHER, *, port: int | None = None) -> Broker:
        """How ``name`` connects."""
        return Broker(host=LOOPBACK, port=port or self.port, username=name, password=_password(name))

    async def start(self) -> None:
        """Start it and wait until it accepts connections."""
        if self._process is not None:
            raise RuntimeError("it runs already")
        argv = await self._prepare()
        with (self._folder / f"{self.kind}.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(*argv, stdout=log, stderr=log)
        async with asyncio.timeout(START_WITHIN_S):
            while not await self._accepts():
                if self._process.returncode is not None:
                    raise RuntimeError(f"{self.kind} ended: {(self._folder / f'{self.kind}.log').read_text()[-2000:]}")
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Kill it: no good-bye to anybody, nothing kept."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        self._process = None

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Gone inside the block, back after it."""
        await self.stop()
        try:
            yield
        finally:
            await self.start()

    async def _accepts(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, self.port)
        except OSError:
            return False
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return True

    async def _prepare(self) -> Sequence[str]:
        self._folder.mkdir(parents=True, exist_ok=True)
        accounts = [dispatcher_account(force=self.force, password=_password(DISPATCHER))]
        accounts += [dock_account(force=self.force, dock=dock, password=_password(dock)) for dock in self._docks]
        if self.kind == "amqtt":
            path = self._folder / "accounts.json"
            write_accounts(path, accounts)
            return (sys.executable, "-m", "kestrel", "broker", "--port", str(self.port), "--accounts", str(path))
        return (_mosquitto() or "mosquitto", "-c", str(await self._configure_mosquitto(accounts)))

    async def _configure_mosquitto(self, accounts: Sequence[Account]) -> Path:
        passwords, rules, config = (self._folder / name for name in ("passwords", "acl", "mosquitto.conf"))
        if not passwords.exists():
            passwords.touch(mode=0o600)
            lines = "".join(f"{account.username}:{_password(account.username)}\n" for account in accounts)
            passwords.write_text(lines)
            hashing = await asyncio.create_subprocess_exec("mosquitto_passwd", "-U", str(passwords))
            await hashing.wait()
        blocks = []
        for account in accounts:
            blocks.append(f"user {account.username}")
            blocks += [f"topic write {name}" for name in account.publish]
            blocks += [f"topic read {name}" for name in account.subscribe]
        rules.write_text("\n".join(blocks) + "\n")
        rules.chmod(0o600)
        settings = [
            f"listener {self.port} {LOOPBACK}",
            "allow_anonymous false",
            f"password_file {passwords}",
            f"acl_file {rules}",
            "persistence false",
        ]
        if os.geteuid() == 0:
            settings.append("user root")  # or it could not read a folder that is ours alone
        config.write_text("\n".join(settings) + "\n")
        return config


@asynccontextmanager
async def running_broker(kind: Kind, folder: Path, *, force: str, docks: Iterable[str]) -> AsyncIterator[BrokerProcess]:
    """A started broker inside the block."""
    broker = BrokerProcess(kind=kind, folder=folder, force=force, docks=docks)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


def _mosquitto() -> str | None:
    return shutil.which(
        "mosquitto", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin{os.pathsep}/usr/local/sbin"
    )


def _password(name: str) -> str:
    return f"password-of-{name}"
