"""The folder of a run: keys, accounts, fleet and scenario with free ports, state, logs; one run at a time uses it.

Nothing is deleted in a folder that is not marked as ours, and of ours only what we make ourselves.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import yaml

from contracts.signing import SigningKey, TrustFile
from contracts.topics import DISPATCHER
from kestrel.brokeraccess import Account, dispatcher_account, dock_account, new_password, write_accounts
from kestrel.errors import FileError, WrongUsage
from kestrel.keyfile import read_trust_file, write_private_key
from kestrel.ports import FreePorts

MARK = ".kestrel-run"
OURS = (
    "keys",
    "ready",
    "logs",
    "state",
    "issuer",
    "recordings",
    "trust.json",
    "accounts.json",
    "secrets.json",
    "run.json",
)
OURS_AT_START = (
    "ready",
    "tokens.json",
    "media.token",
    "env.sh",
    "fleet.yaml",
    "scenario.yaml",
    "policy.yaml",
    "airspace.geojson",
)


@dataclass(frozen=True, slots=True)
class MissionTime:
    """The common epoch (Unix seconds) and factor of a run."""

    epoch: float
    factor: float


class RunDir:
    """An open run folder, locked for this process."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._lock = -1

    def __enter__(self) -> RunDir:
        self.root.mkdir(parents=True, exist_ok=True)
        mark = self.root / MARK
        if not mark.exists() and any(self.root.iterdir()):
            raise WrongUsage(f"{self.root} holds other things: choose an empty folder with --run-dir")
        self._lock = os.open(mark, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise WrongUsage(f"another run uses {self.root}: end it, or choose another folder with --run-dir") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._lock)

    def prepare(self, *, keep: bool, speed: float) -> MissionTime:
        """Empty the folder of an earlier run's things (``keep``: only of what each start makes anew)."""
        for name in OURS_AT_START if keep else (*OURS, *OURS_AT_START):
            path = self.root / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        for folder in ("keys", "ready", "logs", "state", "issuer"):
            (self.root / folder).mkdir(mode=0o700, exist_ok=True)
        return self._mission_time(speed)

    def _mission_time(self, speed: float) -> MissionTime:
        path = self.root / "run.json"
        if not path.exists():
            mission = MissionTime(epoch=time.time(), factor=speed)
            path.write_text(json.dumps({"epoch": mission.epoch, "factor": mission.factor}), encoding="utf-8")
            return mission
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            mission = MissionTime(epoch=float(kept["epoch"]), factor=float(kept["factor"]))
        except (OSError, ValueError, KeyError, TypeError):
            raise FileError(path, "not what an earlier run left: start without --keep") from None
        if mission.factor != speed:
            raise WrongUsage(
                f"the kept run goes at speed {mission.factor:g}, and mission time must not go back: "
                f"give --speed {mission.factor:g}, or start without --keep"
            )
        return mission

    def ready_file(self, process: str) -> Path:
        """Where a process announces itself."""
        return self.root / "ready" / f"{process}.json"

    def log_file(self, process: str) -> Path:
        """Where its output goes."""
        return self.root / "logs" / f"{process}.log"

    def state_dir(self, process: str) -> Path:
        """Where it keeps what must survive it."""
        folder = self.root / "state" / process
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def key_file(self, holder: str) -> Path:
        """A holder's private key."""
        return self.root / "keys" / f"{holder}.json"

    @property
    def fleet_file(self) -> Path:
        """The fleet with this run's ports."""
        return self.root / "fleet.yaml"

    @property
    def scenario_file(self) -> Path:
        """The scenario with this run's ports."""
        return self.root / "scenario.yaml"

    @property
    def policy_file(self) -> Path:
        """The policy; missing where the built-in one holds."""
        return self.root / "policy.yaml"

    @property
    def airspace_file(self) -> Path:
        """Zones that the force has drawn; missing where there are none."""
        return self.root / "airspace.geojson"

    @property
    def trust_file(self) -> Path:
        """All public keys."""
        return self.root / "trust.json"

    @property
    def accounts_file(self) -> Path:
        """The embedded broker's users."""
        return self.root / "accounts.json"

    @property
    def issuer_folder(self) -> Path:
        """The local issuer's key and secret."""
        return self.root / "issuer"

    @property
    def media_token_file(self) -> Path:
        """By what the media process asks the dispatcher."""
        return self.root / "media.token"

    @property
    def recordings(self) -> Path:
        """What the media process records."""
        return self.root / "recordings"

    @property
    def journal_file(self) -> Path:
        """The dispatcher's journal."""
        return self.state_dir(DISPATCHER) / "journal.sqlite3"

    def make_keys(self, *, force: str, dock_ids: list[str]) -> None:
        """A key pair for the dispatcher and each dock, and the trust file; what is there already is kept."""
        if self.trust_file.exists():
            trusted = read_trust_file(self.trust_file)
            if {key.holder for key in trusted.keys} == {DISPATCHER, *dock_ids}:
                return
            raise WrongUsage(f"the keys in {self.root} are those of another fleet: start without --keep")
        make_keys(folder=self.root / "keys", trust_file=self.trust_file, force=force, dock_ids=dock_ids)

    def make_accounts(self, *, force: str, dock_ids: list[str]) -> dict[str, str]:
        """New passwords for the broker's users, by user; the broker gets their hashes."""
        passwords = {user: new_password() for user in (DISPATCHER, *dock_ids)}
        accounts: list[Account] = [dispatcher_account(force=force, password=passwords[DISPATCHER])]
        accounts += [dock_account(force=force, dock=dock, password=passwords[dock]) for dock in dock_ids]
        write_accounts(self.accounts_file, accounts)
        return passwords

    def write_secret(self, name: str, text: str) -> Path:
        """A file that only its owner can read."""
        path = self.root / name
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        return path


def make_keys(*, folder: Path, trust_file: Path, force: str, dock_ids: list[str]) -> list[str]:
    """Key files ``{holder}.json`` (mode 0600) in ``folder`` for who has none in the trust file yet, and that file.

    Returns the new holders; keys that are trusted already stay as they are. Raises `FileError`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    trusted = list(read_trust_file(trust_file).keys) if trust_file.exists() else []
    known = {(key.force, key.holder) for key in trusted}
    missing = [holder for holder in (DISPATCHER, *dock_ids) if (force, holder) not in known]
    for holder in missing:
        key = SigningKey.generate(f"{force}-{holder}"[:48])
        write_private_key(folder / f"{holder}.json", key)
        trusted.append(key.trusted(force=force, holder=holder))
    draft = trust_file.with_suffix(".part")
    draft.write_text(TrustFile(keys=trusted).model_dump_json(by_alias=True, indent=2), encoding="utf-8")
    draft.replace(trust_file)
    return missing


def with_free_ports(
    fleet: Mapping[str, Any], scenario: Mapping[str, Any] | None, ports: FreePorts, *, video: bool = False
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Fleet and scenario with new loopback ports in every place; an aircraft that is a real PX4 keeps its own.

    Without ``video`` no camera of the simulator films: encoding costs a third of a core for each.
    """
    boxes = {box["id"]: box for box in scenario["docks"]} if scenario else {}
    docks, new_boxes = [], []
    for dock in fleet["docks"]:
        box = boxes.get(dock["id"])
        if box is None:
            docks.append(dict(dock))
            continue
        modbus = f"127.0.0.1:{ports.take()}"
        links = dict(dock["links"]) | {"modbus": modbus}
        new_box = dict(box) | {"modbus": modbus}
        if box.get("camera") is not None:
            links["camera"] = new_box["camera"] = f"127.0.0.1:{ports.take()}"
        if "mavlink" in box["aircraft"]:
            to_agent, to_aircraft = ports.take(), ports.take()
            links["mavlink_url"] = f"udpin://127.0.0.1:{to_agent}"
            mavlink = {"bind": f"127.0.0.1:{to_aircraft}", "send_to": f"127.0.0.1:{to_agent}"}
            new_box["aircraft"] = dict(box["aircraft"]) | {"mavlink": mavlink}
        filmed = urlsplit(box["aircraft"].get("video", ""))
        if "mavlink" in box["aircraft"] and filmed.scheme:
            address = f"{filmed.scheme}://127.0.0.1:{ports.take()}{filmed.path}" if video else ""
            links["video"] = address or None
            new_box["aircraft"] = new_box["aircraft"] | {"video": address}
        docks.append(dict(dock) | {"links": links})
        new_boxes.append(new_box)
    new_scenario = None if scenario is None else dict(scenario) | {"docks": new_boxes}
    return dict(fleet) | {"docks": docks}, new_scenario


def write_yaml(path: Path, data: Mapping[str, Any]) -> None:
    """Write a YAML file whole."""
    draft = path.with_suffix(".part")
    draft.write_text(yaml.safe_dump(dict(data), sort_keys=False, allow_unicode=True), encoding="utf-8")
    draft.replace(path)
