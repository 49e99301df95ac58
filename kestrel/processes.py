"""Which processes make a working system on one machine, what each is told, and in which order they start and stop."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.topics import DISPATCHER
from kestrel.issuer import issuer_url
from kestrel.ports import LOOPBACK
from kestrel.rundir import MissionTime, RunDir
from kestrel.supervisor import ProcessSpec

BROKER = "broker"
ISSUER = "issuer"
SIMULATOR = "simulator"
MEDIA = "media"
AGENT_PREFIX = "agent-"
STOP_FIRST = 0
"""Dispatcher and agents: they may still say good-bye to the broker."""
STOP_LAST = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where things listen. ``own_broker``: the embedded one is ours to start."""

    broker_host: str
    broker_port: int
    own_broker: bool
    issuer_port: int
    http_port: int
    media_port: int | None = None
    """None: there is no video."""

    @property
    def issuer(self) -> str:
        """The local issuer, as in ``iss``."""
        return issuer_url(LOOPBACK, self.issuer_port)

    @property
    def api(self) -> str:
        """The dispatcher's API."""
        return f"http://{LOOPBACK}:{self.http_port}"

    @property
    def media(self) -> str | None:
        """Where browsers reach the media process."""
        return None if self.media_port is None else f"http://{LOOPBACK}:{self.media_port}"


def plan_processes(
    *,
    run: RunDir,
    addresses: Addresses,
    mission: MissionTime,
    dock_ids: Sequence[str],
    passwords: Mapping[str, str],
    simulated: bool = True,
    log_level: str = "INFO",
) -> list[ProcessSpec]:
    """All processes of a run, each with its environment."""
    time = {
        "KESTREL_MISSION_EPOCH": repr(mission.epoch),
        "KESTREL_TIME_FACTOR": repr(mission.factor),
        "KESTREL_LOG_LEVEL": log_level,
    }

    def spec(name: str, argv: Sequence[str], *, env: Mapping[str, str], after: Sequence[str], rank: int) -> ProcessSpec:
        ready = run.ready_file(name)
        return ProcessSpec(
            name=name,
            argv=(sys.executable, "-m", *argv),
            ready_file=ready,
            log_file=run.log_file(name),
            env={**time, "KESTREL_READY_FILE": str(ready), **env},
            after=frozenset(after),
            stop_rank=rank,
        )

    def link(user: str) -> dict[str, str]:
        account = {"KESTREL_MQTT_USERNAME": user, "KESTREL_MQTT_PASSWORD": passwords[user]} if user in passwords else {}
        return {
            "KESTREL_MQTT_HOST": addresses.broker_host,
            "KESTREL_MQTT_PORT": str(addresses.broker_port),
            "KESTREL_FLEET_FILE": str(run.fleet_file),
            "KESTREL_KEY_FILE": str(run.key_file(user)),
            "KESTREL_TRUST_FILE": str(run.trust_file),
            "KESTREL_STATE_DIR": str(run.state_dir(user)),
            **account,
        }

    policy = {"KESTREL_POLICY_FILE": str(run.policy_file)} if run.policy_file.exists() else {}
    airspace = {"KESTREL_AIRSPACE_FILES": str(run.airspace_file)} if run.airspace_file.exists() else {}
    first = [BROKER] if addresses.own_broker else []
    processes = [
        spec(
            ISSUER,
            ("kestrel", "issuer", "--folder", str(run.issuer_folder), "--port", str(addresses.issuer_port)),
            env={},
            after=(),
            rank=STOP_LAST,
        ),
        spec(
            DISPATCHER,
            ("dispatcher",),
            env={
                **link(DISPATCHER),
                **policy,
                **airspace,
                "KESTREL_DATABASE_URL": f"sqlite:///{run.journal_file}",
                "KESTREL_HTTP_HOST": LOOPBACK,
                "KESTREL_HTTP_PORT": str(addresses.http_port),
                "KESTREL_ISSUER": addresses.issuer,
                "KESTREL_JWKS_URL": f"{addresses.issuer}/.well-known/jwks.json",
                **({} if addresses.media is None else {"KESTREL_VIDEO_URL": addresses.media}),
            },
            after=(*first, ISSUER),
            rank=STOP_FIRST,
        ),
    ]
    if addresses.own_broker:
        broker = ("kestrel", "broker", "--port", str(addresses.broker_port), "--accounts", str(run.accounts_file))
        processes.insert(0, spec(BROKER, broker, env={}, after=(), rank=STOP_LAST))
    if simulated:
        speed, ready = repr(mission.factor), str(run.ready_file(SIMULATOR))
        world = ("simulator", "--scenario", str(run.scenario_file), "--speed", speed, "--ready-file", ready)
        processes.append(spec(SIMULATOR, world, env={}, after=(), rank=STOP_LAST))
    if addresses.media_port is not None:
        media = {
            "KESTREL_FLEET_FILE": str(run.fleet_file),
            "KESTREL_TRUST_FILE": str(run.trust_file),
            "KESTREL_API_URL": addresses.api,
            "KESTREL_MEDIA_HOST": LOOPBACK,
            "KESTREL_MEDIA_PORT": str(addresses.media_port),
            "KESTREL_MEDIA_TOKEN_FILE": str(run.media_token_file),
            "KESTREL_MEDIA_DIR": str(run.recordings),
        }
        processes.append(spec(MEDIA, ("media",), env=media, after=(), rank=STOP_FIRST))
    for dock_id in dock_ids:
        after = (*first, SIMULATOR) if simulated else first
        env = {**link(dock_id), "KESTREL_DOCK": dock_id}
        processes.append(spec(AGENT_PREFIX + dock_id, ("dock_agent",), env=env, after=after, rank=STOP_FIRST))
    return processes
