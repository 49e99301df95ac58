"""The agent's composition root: settings in, a running agent out, until it is told to stop.

SIGTERM and SIGINT stop the agent and send nothing to the aircraft: a flight goes on by itself, and the next agent picks
it up.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal

from contracts.fleet import Fleet
from dock_agent.agent import DockAgent
from dock_agent.dispatcher_link import DispatcherLink
from dock_agent.dock_camera import DockCamera
from dock_agent.errors import UnknownDock
from dock_agent.lock import dock_lock
from dock_agent.mavsdk_link import MavsdkLink
from dock_agent.modbus_dock import ModbusDock
from dock_agent.settings import AgentSettings
from dock_agent.store import Store
from kestrel.clock import Clock
from kestrel.identity import uuid7
from kestrel.keyfile import read_private_key, read_trust
from kestrel.logs import configure
from kestrel.mqtt import Broker
from kestrel.readiness import announce_ready
from kestrel.yamlfile import load_yaml

log = logging.getLogger(__name__)


async def run(settings: AgentSettings) -> bool:
    """Run one agent; returns False when the aircraft's link did not close and the process should not wait for it.

    Raises `AgentError` and `kestrel.errors.FileError` for what the person who started it must put right.
    """
    configure(level=settings.log_level)
    # It says each failed attempt; `dock_agent.modbus_dock` says a loss once and a recovery once.
    logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)
    fleet = load_yaml(settings.fleet_file, Fleet)
    try:
        dock = fleet.dock(settings.dock)
    except KeyError:
        raise UnknownDock(settings.dock, settings.fleet_file) from None
    key, keyring = read_private_key(settings.key_file), read_trust(settings.trust_file)
    clock = settings.clock()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    with dock_lock(settings.state_dir, dock.id), contextlib.ExitStack() as closing:
        store = Store(path=settings.state_dir / f"{dock.id}.sqlite", boot_id=uuid7(clock.wall_now()))
        closing.callback(store.close)
        host, _, port = dock.links.modbus.rpartition(":")
        hardware = ModbusDock(host=host, port=int(port), clock=clock)
        aircraft_type = fleet.type_of(dock)
        camera = _camera(dock.links.camera, clock)
        link = MavsdkLink(dock=dock, aircraft_type=aircraft_type, clock=clock, on_change=lambda: agent.look())
        agent = DockAgent(
            dock=dock,
            aircraft_type=aircraft_type,
            deployment=fleet.deployment,
            clock=clock,
            link=link,
            hardware=hardware,
            store=store,
            camera=camera,
        )
        agent.resume()
        dispatcher = DispatcherLink(
            agent=agent,
            store=store,
            clock=clock,
            broker=_broker(settings),
            force=fleet.force,
            dock_id=dock.id,
            key=key,
            keyring=keyring,
            status_s=settings.status_s,
        )
        seeing = camera.running() if camera is not None else contextlib.nullcontext()
        async with link.running(), hardware.running(), seeing, agent.running(), dispatcher.running():
            ready = asyncio.create_task(_announce(settings, link, hardware, dispatcher), name="readiness")
            try:
                await stop.wait()
            finally:
                ready.cancel()
                await asyncio.gather(ready, return_exceptions=True)
        log.info("agent stopped", extra={"dock": dock.id})
    return not link.hung


async def _announce(
    settings: AgentSettings, link: MavsdkLink, hardware: ModbusDock, dispatcher: DispatcherLink
) -> None:
    await dispatcher.wait_connected()
    await hardware.answered.wait()
    await link.known.wait()
    announce_ready(settings.ready_file, {"dock": settings.dock, "aircraft": link.reading().identified})
    log.info("agent ready", extra={"dock": settings.dock, "aircraft": link.reading().identified})


def _camera(address: str | None, clock: Clock) -> DockCamera | None:
    if address is None:
        return None
    host, _, port = address.rpartition(":")
    return DockCamera(host=host, port=int(port), clock=clock)


def _broker(settings: AgentSettings) -> Broker:
    password = settings.mqtt_password
    return Broker(
        host=settings.mqtt_host,
        port=settings.mqtt_port,
        username=settings.mqtt_username,
        password=password.get_secret_value() if password is not None else None,
        ca_file=settings.mqtt_ca_file,
    )
