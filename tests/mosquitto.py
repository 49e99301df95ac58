"""Debian's Mosquitto as a process of its own, with the accounts and topics of docs/how-to/mosquitto.md.

It keeps nothing on disk: a stop of this broker loses all that it held, which is the harder case for who relies on it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from contracts.topics import DISPATCHER
from kestrel.brokeraccess import Account, dispatcher_account, dock_account
from kestrel.ports import LOOPBACK
from kestrel.supervisor import ProcessSpec

SEARCHED = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
"""Debian puts the server where an ordinary user's PATH does not look."""


def mosquitto_path() -> str | None:
    """Where the server is; None when it is not installed."""
    return shutil.which("mosquitto", path=SEARCHED)


def mosquitto_spec(*, folder: Path, port: int, force: str, passwords: Mapping[str, str], log_file: Path) -> ProcessSpec:
    """How to run it; the files it needs are written into ``folder``. Ready when its pid file stands."""
    server = mosquitto_path()
    if server is None:
        raise FileNotFoundError("mosquitto is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    users = folder / "passwords"
    users.touch(mode=0o600)
    for user, password in passwords.items():
        subprocess.run(["mosquitto_passwd", "-b", str(users), user, password], check=True, capture_output=True)
    accounts = [
        dispatcher_account(force=force, password=password)
        if user == DISPATCHER
        else dock_account(force=force, dock=user, password=password)
        for user, password in passwords.items()
    ]
    (folder / "acl").write_text("\n".join(_acl(accounts)), encoding="ascii")
    pid_file = folder / "mosquitto.pid"
    (folder / "mosquitto.conf").write_text(
        f"listener {port} {LOOPBACK}\nallow_anonymous false\npassword_file {users}\nacl_file {folder / 'acl'}\n"
        f"pid_file {pid_file}\npersistence false\nuser root\nlog_dest stderr\n",
        encoding="utf-8",
    )
    return ProcessSpec(
        name="broker",
        argv=(server, "-c", str(folder / "mosquitto.conf")),
        ready_file=pid_file,
        log_file=log_file,
    )


def _acl(accounts: Sequence[Account]) -> list[str]:
    lines = []
    for account in accounts:
        lines.append(f"user {account.username}")
        lines += [f"topic write {granted}" for granted in account.publish]
        lines += [f"topic read {granted}" for granted in account.subscribe]
    return [*lines, ""]
