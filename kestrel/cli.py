"""The command line: each of the product's processes by name, and the demo that starts them all.

Exit status: 0 done; 1 the replay or the check found something wrong; 2 it could not be done as asked, in one line.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from kestrel.errors import KestrelError, WrongUsage
from kestrel.leash import die_with_parent
from kestrel.logs import configure
from kestrel.settings import ProcessSettings
from kestrel.tokens import Role

app = typer.Typer(
    name="kestrel",
    help="Dispatch and telemetry for drones as first responders.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
RunDirOption = Annotated[
    Path, typer.Option("--run-dir", help="Where keys, tokens, state and logs of this run are kept.")
]
DEFAULT_RUN_DIR = Path("run/demo")


def _become(module: str, arguments: list[str]) -> None:
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 - our own interpreter, no shell


@app.command(context_settings=PASS_ON, help="The dispatcher: decides, records, serves the API. `--help` is its own.")
def dispatcher(context: typer.Context) -> None:
    _become("dispatcher", context.args)


@app.command("dock-agent", context_settings=PASS_ON, help="The agent of one dock and its drone. `--help` is its own.")
def dock_agent(context: typer.Context) -> None:
    _become("dock_agent", context.args)


@app.command(context_settings=PASS_ON, help="Simulated drones and docks, from a scenario file. `--help` is its own.")
def simulator(context: typer.Context) -> None:
    _become("simulator", context.args)


@app.command(
    context_settings=PASS_ON, help="Live video: takes streams in, serves viewers, records. `--help` is its own."
)
def media(context: typer.Context) -> None:
    _become("media", context.args)


@app.command(help="The embedded MQTT broker, on the loopback interface, with accounts.")
def broker(
    accounts: Annotated[Path, typer.Option(help="Accounts file: users, password hashes and topics.")],
    port: Annotated[int, typer.Option(min=1, max=65535)] = 1883,
) -> None:
    from kestrel.broker import serve_broker

    settings = ProcessSettings.read()
    configure(level=settings.log_level)
    asyncio.run(serve_broker(port=port, accounts_file=accounts, ready_file=settings.ready_file))


@app.command(help="A token issuer for one machine without an identity provider; loopback only.")
def issuer(
    folder: Annotated[Path, typer.Option(help="Where its key and secret are kept (made when missing).")],
    port: Annotated[int, typer.Option(min=1, max=65535)],
    host: Annotated[str, typer.Option(help="A loopback address.")] = "127.0.0.1",
) -> None:
    from kestrel.issuer import serve_issuer

    settings = ProcessSettings.read()
    configure(level=settings.log_level)
    asyncio.run(
        serve_issuer(host=host, port=port, folder=folder, ready_file=settings.ready_file, clock=settings.clock())
    )


@app.command(help="Make the key pairs that a fleet file's dispatcher and docks have not got yet, and the trust file.")
def keys(
    fleet: Annotated[Path, typer.Option(help="Fleet file: its force and docks get keys.")],
    folder: Annotated[Path, typer.Option(help="Where the private keys go, one file for each holder, mode 0600.")],
    trust: Annotated[Path, typer.Option(help="The trust file: new public halves are added, what is there stays.")],
) -> None:
    from contracts.fleet import Fleet
    from kestrel.rundir import make_keys
    from kestrel.yamlfile import load_yaml

    loaded = load_yaml(fleet, Fleet)
    made = make_keys(folder=folder, trust_file=trust, force=loaded.force, dock_ids=[dock.id for dock in loaded.docks])
    if made:
        typer.echo(f"new keys in {folder} for {', '.join(made)}; public halves in {trust}")
    else:
        typer.echo(f"everybody in {fleet} has a key in {trust} already")


@app.command(help="A token from the running demo's issuer, on standard output.")
def token(
    role: Annotated[list[Role], typer.Option(help="Once for each role.")],
    sub: Annotated[str, typer.Option(help="The person's id, such as pilot-1.")],
    run_dir: RunDirOption = DEFAULT_RUN_DIR,
) -> None:
    from kestrel.apiclient import ask_for_token
    from kestrel.issuer import SECRET_FILE

    issuer_url, force = _running(run_dir)
    secret_file = run_dir / "issuer" / SECRET_FILE
    typer.echo(
        asyncio.run(ask_for_token(issuer=issuer_url, secret_file=secret_file, subject=sub, roles=role, force=force))
    )


def _running(run_dir: Path) -> tuple[str, str]:
    from contracts.fleet import Fleet
    from kestrel.yamlfile import load_yaml

    try:
        issuer_url = json.loads((run_dir / "ready" / "issuer.json").read_bytes())["issuer"]
    except (OSError, ValueError, KeyError):
        raise WrongUsage(f"no issuer runs in {run_dir}: start `kestrel demo`, or give --run-dir") from None
    return str(issuer_url), load_yaml(run_dir / "fleet.yaml", Fleet).force


airspace = typer.Typer(help="Airspace documents.", no_args_is_help=True)
app.add_typer(airspace, name="airspace")


@airspace.command("check", help="What an airspace document is understood to say. Status 1 if something was skipped.")
def airspace_check(
    file: Annotated[Path, typer.Argument(help="ED-269, ED-318, AIXM 5.1, GeoJSON or KML; it is only read.")],
    as_json: Annotated[bool, typer.Option("--json", help="All that was found, as JSON.")] = False,
) -> None:
    _become("dispatcher.airspacecheck", [*(["--json"] if as_json else []), "--", str(file)])


@app.command(help="Derive a decision again from the record, and say in words how it came out. Status 1 if it differs.")
def explain(
    decision: Annotated[str, typer.Argument(help="The decision's id, or the first characters of it; `last`.")],
    run_dir: RunDirOption = DEFAULT_RUN_DIR,
    journal: Annotated[
        Path | None, typer.Option(help="The journal's file (SQLite), only read; default: the run folder's.")
    ] = None,
    terrain: Annotated[
        Path | None, typer.Option(help="The elevation model that it was decided over, where there was one.")
    ] = None,
    terrain_sea_level: Annotated[
        str | None, typer.Option(help="What its heights are above, where its file does not say, as in the settings.")
    ] = None,
    terrain_gaps_are_sea: Annotated[
        bool, typer.Option("--terrain-gaps-are-sea", help="Where it has no height there is water, as in the settings.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The derived decision, as JSON.")] = False,
) -> None:
    file = journal or run_dir / "state" / "dispatcher" / "journal.sqlite3"
    options = [*(["--json"] if as_json else []), *(["--terrain", str(terrain)] if terrain else [])]
    options += ["--terrain-sea-level", terrain_sea_level] if terrain_sea_level else []
    options += ["--terrain-gaps-are-sea"] if terrain_gaps_are_sea else []
    _become("dispatcher.explaining", [*options, "--", decision, str(file)])


policy = typer.Typer(help="The policy of a force.", no_args_is_help=True)
app.add_typer(policy, name="policy")


@policy.command("check", help="What a policy file means, in words. Status 2, with lines, if it would be refused.")
def policy_check(
    file: Annotated[Path, typer.Argument(help="The policy file; it is only read.")],
    as_json: Annotated[bool, typer.Option("--json", help="The whole policy with its defaults, as JSON.")] = False,
) -> None:
    _become("dispatcher.policycheck", [*(["--json"] if as_json else []), "--", str(file)])


@app.command(
    help="Judge a journal (SQLite file) independently: hash chain, refusals, flights. Status 1 if it disagrees."
)
def check(
    journal: Annotated[Path, typer.Argument(help="The journal's file; it is only read.")],
    as_json: Annotated[bool, typer.Option("--json", help="All that was found, as JSON.")] = False,
) -> None:
    from kestrel.checker import check_journal

    verdict = check_journal(journal)
    if as_json:
        typer.echo(json.dumps(verdict.as_json(), indent=1, ensure_ascii=False))
    else:
        for fault in verdict.chain_faults:
            typer.echo(f"event {fault.seq}: {fault.because}")
        for rule in verdict.rule_faults:
            typer.echo(rule)
        for refusal in verdict.refusals:
            typer.echo(f"{refusal.reference}: {'confirmed' if refusal.confirmed else 'CONTRADICTED'}")
        typer.echo(f"{verdict.events} events; the checker {'agrees' if verdict.agrees else 'DISAGREES'}")
    raise typer.Exit(0 if verdict.agrees else 1)


@app.command(help="A working system on this machine: broker, simulator, docks, dispatcher, incidents, one live table.")
def demo(
    headless: Annotated[
        bool, typer.Option(help="Plain lines instead of the live table (also without a terminal).")
    ] = False,
    docks: Annotated[
        str | None,
        typer.Option(help="A number (of Coventry's docks, or placed over the replayed calls), or a fleet file."),
    ] = None,
    scenario: Annotated[
        Path | None, typer.Option(help="Scenario file of the simulator; default: scenario.yaml beside the fleet file.")
    ] = None,
    incidents: Annotated[Path | None, typer.Option(help="Incidents to trickle in; default: Coventry's.")] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=20, help="Mission seconds in a wall second.")] = 1.0,
    replay: Annotated[
        Path | None, typer.Option(help="Recorded calls (CSV) to feed instead; ends with a report.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many calls.")] = None,
    watch_s: Annotated[float | None, typer.Option(min=0, max=7200, help="Watch asked for on each scene, s.")] = None,
    gap_cap_s: Annotated[float, typer.Option(min=0, help="Longest gap between two calls, mission s.")] = 600.0,
    patience_s: Annotated[
        float, typer.Option(min=0, help="How long a replayed call waits for a dock before it is declined, mission s.")
    ] = 0.0,
    report: Annotated[Path | None, typer.Option(help="Where the replay's JSON report goes.")] = None,
    broker_address: Annotated[
        str | None,
        typer.Option("--broker", help="HOST:PORT of a broker to use instead (KESTREL_MQTT_USERNAME and _PASSWORD)."),
    ] = None,
    http_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The API's port; default: 8040, or any free one.")
    ] = None,
    media_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The video's port; default: 8041, or any free one.")
    ] = None,
    video: Annotated[
        bool | None,
        typer.Option(help="Live video (a third of a core for each camera in the air); default: unless calls replay."),
    ] = None,
    duration_s: Annotated[float | None, typer.Option(min=0, help="End after so many wall seconds.")] = None,
    run_dir: RunDirOption = DEFAULT_RUN_DIR,
    keep: Annotated[bool, typer.Option(help="Go on with the journal and keys of the last run in the folder.")] = False,
    with_parent: Annotated[bool, typer.Option(hidden=True, help="End when the parent process dies.")] = False,
    log_level: Annotated[str, typer.Option(help="Of all processes.")] = "INFO",
) -> None:
    from rich.console import Console

    from kestrel.demo import run_demo
    from kestrel.demosetup import DemoOptions

    if with_parent:
        die_with_parent(os.getppid(), by=signal.SIGTERM)
    if replay is None and (limit is not None or report is not None):
        raise WrongUsage("--limit and --report belong to --replay")
    options = DemoOptions(
        run_dir=run_dir,
        speed=speed,
        headless=headless,
        docks=docks,
        scenario=scenario,
        incidents=incidents,
        replay=replay,
        limit=limit,
        watch_s=watch_s,
        gap_cap_s=gap_cap_s,
        patience_s=patience_s,
        report=report,
        broker=broker_address,
        http_port=http_port,
        media_port=media_port,
        video=video,
        duration_s=duration_s,
        keep=keep,
        log_level=log_level,
    )
    raise typer.Exit(asyncio.run(run_demo(options, console=Console())))


def main() -> None:
    """The console script: an error meant for the person at the terminal is one line and status 2."""
    try:
        app()
    except KestrelError as error:
        _end_with(error)
    except KeyboardInterrupt:
        sys.exit(130)
    except BaseExceptionGroup as group:
        told = _only_told(group)
        if told is None:
            raise
        _end_with(told)


def _end_with(error: KestrelError) -> NoReturn:
    sys.stderr.write(f"kestrel: {error}\n")
    sys.exit(2)


def _only_told(group: BaseExceptionGroup[BaseException]) -> KestrelError | None:
    """The first error of a group in which all are meant for the person at the terminal; None: it hides a fault."""
    _, others = group.split(KestrelError)
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first if others is None and isinstance(first, KestrelError) else None
