"""The command line: each of the product's processes by name, and the demo that starts them all.

Exit status: 0 done; 1 the replay or the check found something wrong; 2 it could not be done as asked, in one line.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from kestrel.errors import KestrelError
from kestrel.logs import configure
from kestrel.settings import ProcessSettings

app = typer.Typer(
    name="kestrel",
    help="Dispatch and telemetry for drones as first responders.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
RunDir = Annotated[Path, typer.Option("--run-dir", help="Where keys, tokens, state and logs of this run are kept.")]
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


def main() -> None:
    """The console script: an error meant for the person at the terminal is one line and status 2."""
    try:
        app()
    except KestrelError as error:
        sys.stderr.write(f"kestrel: {error}\n")
        sys.exit(2)
