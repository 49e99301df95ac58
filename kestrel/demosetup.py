"""What a demo is made of: options become a prepared run folder, addresses and processes. No process runs yet."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from contracts.fleet import Fleet
from kestrel.callfile import Call, read_calls
from kestrel.errors import FileError, WrongUsage
from kestrel.placement import county_files, place_docks
from kestrel.ports import LOOPBACK, FreePorts
from kestrel.processes import Addresses, plan_processes
from kestrel.rundir import MissionTime, RunDir, with_free_ports, write_yaml
from kestrel.supervisor import ProcessSpec
from kestrel.trickle import Occurrence, read_incidents
from kestrel.yamlfile import load_yaml

_HERE = Path(__file__).resolve().parent
EXAMPLES = _HERE / "examples" if (_HERE / "examples").is_dir() else _HERE.parent / "examples"
"""Inside the installed package, or beside it in a checkout."""
PREFERRED_HTTP_PORT, PREFERRED_MEDIA_PORT = 8040, 8041
MAX_SIMULATED_DOCKS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What the command line asked for; see ``kestrel demo --help``."""

    run_dir: Path
    speed: float = 1.0
    headless: bool = False
    docks: str | None = None
    scenario: Path | None = None
    incidents: Path | None = None
    replay: Path | None = None
    limit: int | None = None
    watch_s: float | None = None
    gap_cap_s: float = 600.0
    patience_s: float = 0.0
    report: Path | None = None
    broker: str | None = None
    http_port: int | None = None
    media_port: int | None = None
    video: bool | None = None
    """None: unless calls are replayed, which is for figures."""
    duration_s: float | None = None
    keep: bool = False
    log_level: str = "INFO"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPlan:
    """Everything ready to start."""

    fleet: Fleet
    mission: MissionTime
    addresses: Addresses
    processes: list[ProcessSpec]
    calls: list[Call]
    occurrences: list[Occurrence]


def plan_demo(options: DemoOptions, *, run: RunDir, ports: FreePorts) -> DemoPlan:
    """Check all input, then fill the run folder. Raises `KestrelError` before anything is changed where it can."""
    calls = read_calls(options.replay) if options.replay else []
    fleet_data, scenario = _world(options, calls, ports)
    occurrences = [] if options.replay else _occurrences(options)
    broker_host, broker_port = _broker(options.broker)
    mission = run.prepare(keep=options.keep, speed=options.speed)
    video = options.replay is None if options.video is None else options.video
    fleet_data, scenario = with_free_ports(fleet_data, scenario, ports, video=video)
    write_yaml(run.fleet_file, fleet_data)
    policy_file = _policy_file(options)
    if policy_file is not None:
        shutil.copyfile(policy_file, run.policy_file)  # as it is: the journal names its lines
    airspace_file = _beside(options, "airspace.geojson")
    if airspace_file is not None:
        shutil.copyfile(airspace_file, run.airspace_file)
    if scenario is not None:
        write_yaml(run.scenario_file, scenario)
    fleet = load_yaml(run.fleet_file, Fleet)
    dock_ids = [dock.id for dock in fleet.docks]
    addresses = Addresses(
        broker_host=broker_host or LOOPBACK,
        broker_port=broker_port or ports.take(),
        own_broker=broker_host is None,
        issuer_port=ports.take(),
        http_port=ports.take(preferred=options.http_port or PREFERRED_HTTP_PORT, tcp_alone=True),
        media_port=ports.take(preferred=options.media_port or PREFERRED_MEDIA_PORT, tcp_alone=True) if video else None,
    )
    if options.http_port is not None and addresses.http_port != options.http_port:
        raise WrongUsage(f"port {options.http_port} is taken: end what holds it, or choose another")
    run.make_keys(force=fleet.force, dock_ids=dock_ids)
    passwords = run.make_accounts(force=fleet.force, dock_ids=dock_ids) if addresses.own_broker else {}
    return DemoPlan(
        fleet=fleet,
        mission=mission,
        addresses=addresses,
        processes=plan_processes(
            run=run,
            addresses=addresses,
            mission=mission,
            dock_ids=dock_ids,
            passwords=passwords,
            simulated=scenario is not None,
            log_level=options.log_level,
        ),
        calls=calls[: options.limit],
        occurrences=occurrences,
    )


def _world(
    options: DemoOptions, calls: Sequence[Call], ports: FreePorts
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Fleet and scenario: a file, a number of Coventry's docks, or a number of docks placed over the calls' county."""
    if options.docks is not None and not options.docks.isdigit():
        fleet_file = Path(options.docks)
        beside = fleet_file.with_name("scenario.yaml")
        scenario_file = options.scenario or (beside if beside.exists() else None)
        return _fleet_data(fleet_file), _scenario_data(scenario_file) if scenario_file else None
    count = int(options.docks) if options.docks is not None else 6
    if not 1 <= count <= MAX_SIMULATED_DOCKS:
        raise WrongUsage(f"--docks {count}: between 1 and {MAX_SIMULATED_DOCKS}, or a fleet file")
    if calls:
        name = f"docks placed over {options.replay.name if options.replay else 'the calls'}"
        taken = [(ports.take(), ports.take(), ports.take(), ports.take()) for _ in range(count)]
        return county_files(places=place_docks(calls, count), force="county", name=name, ports=taken)
    fleet = _fleet_data(_example("coventry/fleet.yaml"))
    scenario = _scenario_data(options.scenario or _example("coventry/scenario.yaml"))
    if count > len(fleet["docks"]):
        raise WrongUsage(f"--docks {count}: Coventry has {len(fleet['docks'])}; give a fleet file for more")
    fleet["docks"] = fleet["docks"][:count]
    return fleet, scenario


def _policy_file(options: DemoOptions) -> Path | None:
    """None: the built-in policy."""
    return _beside(options, "policy.yaml")


def _beside(options: DemoOptions, name: str) -> Path | None:
    """A file beside the fleet file, or of docks placed over calls, the county's; None: there is none."""
    if options.docks is not None and not options.docks.isdigit():
        path = Path(options.docks).with_name(name)
    else:
        path = EXAMPLES / ("county" if options.replay else "coventry") / name
    return path if path.exists() else None


def _fleet_data(path: Path) -> dict[str, Any]:
    return load_yaml(path, Fleet).model_dump(mode="json", by_alias=True)


def _scenario_data(path: Path) -> dict[str, Any]:
    """The scenario as plain data: the simulator alone knows its schema, and says what is wrong with it."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FileError(path, f"not YAML: {error}") from None
    boxes = data.get("docks") if isinstance(data, Mapping) else None
    if not isinstance(boxes, list) or not all(
        isinstance(box, Mapping) and "id" in box and isinstance(box.get("aircraft"), Mapping) for box in boxes
    ):
        raise FileError(path, "is missing, or not a list of docks with id and aircraft", field="docks")
    return dict(data)


def _occurrences(options: DemoOptions) -> list[Occurrence]:
    return read_incidents(options.incidents or _example("coventry/incidents.json"))


def _example(name: str) -> Path:
    path = EXAMPLES / name
    if not path.exists():
        raise WrongUsage("the examples are not installed: run in a clone, or give --docks, --scenario and --incidents")
    return path


def _broker(address: str | None) -> tuple[str | None, int | None]:
    if address is None:
        return None, None
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise WrongUsage(f"--broker {address}: must be HOST:PORT")
    return host, int(port)
