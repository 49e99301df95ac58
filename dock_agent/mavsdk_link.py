"""The aircraft through MAVSDK 4.1 (a ctypes binding): one process, one `Mavsdk`, one drone.

What it must get right, because MAVSDK does not: a second listener on a port steals it, so the port is tested first;
whoever answers is checked for system id, UID and place before the first write; commands go through the plugins'
callback calls and never through a thread pool, so that nothing can stand in front of a return; parameters and
identity, which block, have one thread of their own; destroying may hang, so it is given 4 s. Cancelling a wait cancels
nothing: an unanswered command's outcome is unknown.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlsplit

from mavsdk import ComponentType, Configuration, Mavsdk, MavsdkError, System
from mavsdk.logging import LogLevel, log_subscribe
from mavsdk.plugins.info import Info

from contracts.fleet import AircraftType, Dock, bare_uid
from dock_agent.companions import Companions
from dock_agent.errors import LinkError, NotConnected, PortTaken
from dock_agent.flight_link import Answer, Command, PayloadAct, Reply, Target
from dock_agent.mavsdk_calls import Calls
from dock_agent.mavsdk_commands import FlightCommands, RawCommands
from dock_agent.mavsdk_parameters import Parameters
from dock_agent.mavsdk_payload import PayloadLink
from dock_agent.mavsdk_transfer import Transfers
from dock_agent.mission import MissionPlan, OnBoard
from dock_agent.readings import AircraftReading
from dock_agent.slow_lane import SlowLane
from dock_agent.telemetry_slots import TelemetrySlots
from dock_agent.tuning import link_loss_seconds
from geo.flight.position import distance_m
from kestrel.backoff import Backoff
from kestrel.clock import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")

WATCH_S = 0.5
"""Wall seconds between looks at the connection."""
SETTLE_S = 3.0
"""Wall seconds to wait for the expected aircraft when another answers."""
SLOW_S = 8.0
"""Bound of one parameter or identity read; MAVSDK itself takes 3 s for a missing one."""
DESTROY_S = 4.0
NOBODY = Answer(Reply.DENIED, "there is no aircraft that may be written to")


class MavsdkLink:
    """A `FlightLink`. Use ``async with link.running()``; ``on_change`` is called in the loop when state changes."""

    def __init__(self, *, dock: Dock, aircraft_type: AircraftType, clock: Clock, on_change: Callable[[], None]) -> None:
        self._dock, self._type, self._clock = dock, aircraft_type, clock
        self._notify = on_change
        self._url = dock.links.mavlink_url
        self._base = AircraftReading()
        self._mavsdk: Mavsdk | None = None
        self._system: System | None = None
        self._slots: TelemetrySlots | None = None
        self._companions = Companions(clock=clock, on_change=self._changed)
        self._calls = Calls()
        self._commands: FlightCommands | None = None
        self._transfers: Transfers | None = None
        self._payload: PayloadLink | None = None
        self._parameters: Parameters | None = None
        self._slow: SlowLane | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._notified = False
        self._closing = False
        self.known = asyncio.Event()
        """Set once the aircraft is connected, or known to be missing or wrong."""
        self.hung = False
        """True when destroying did not end: the process should leave without waiting for it."""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[MavsdkLink]:
        """Keep the link alive inside the block. Leaving sends nothing to the aircraft."""
        self._loop = asyncio.get_running_loop()
        self._slow = SlowLane(name="mavsdk slow")
        log_subscribe(_log)
        keeper = asyncio.create_task(self._keep(), name="aircraft link")
        try:
            yield self
        finally:
            self._closing = True
            self._calls.close()
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
            self._slow.close()
            await self._destroy()

    def reading(self) -> AircraftReading:
        if self._slots is None or self._closing:
            return self._base
        reading = self._companions.reading(self._slots.reading(self._base))
        return reading if self._payload is None else self._payload.reading(reading)

    async def command(self, command: Command, *, item: int | None = None, target: Target | None = None) -> Answer:
        if self._commands is None or not self._base.identified:
            return NOBODY
        return await self._commands.give(command, item=item, target=target)

    async def payload(self, act: PayloadAct) -> Answer:
        if self._payload is None or not self._base.identified:
            return NOBODY
        return await self._payload.act(act)

    async def upload(self, plan: MissionPlan) -> Answer:
        if self._transfers is None or not self._base.identified:
            return NOBODY
        return await self._transfers.upload(plan)

    async def download(self) -> OnBoard | None:
        if self._transfers is None or not self._base.identified:
            return None
        return await self._transfers.download()

    def stop_transfer(self) -> None:
        if self._transfers is not None:
            self._transfers.stop()

    async def set_link_loss_return(self, seconds: float) -> Answer:
        if self._parameters is None:
            return NOBODY
        return await self._parameters.set_link_loss(link_loss_seconds(seconds, factor=self._clock.factor))

    async def _keep(self) -> None:
        backoff = Backoff(first_s=0.5, cap_s=5.0)
        while True:
            try:
                await self._open()
                break
            except LinkError as error:
                if self._base.trouble is None:
                    log.warning("aircraft link cannot be opened", extra={"why": str(error)})
                self._base = replace(self._base, trouble=str(error))
                self.known.set()
                await self._clock.sleep_wall(max(0.2, backoff.next_s()))
        self._base = replace(self._base, trouble=None)
        while True:
            await self._find()
            await self._watch()

    async def _open(self) -> None:
        guard_port(self._url)
        # A ground station: its heartbeat is what the autopilot's link-loss failsafe listens for.
        configuration = Configuration.create_with_component_type(ComponentType.GROUND_STATION)
        mavsdk = Mavsdk(configuration)
        try:
            await self._slowly(lambda: mavsdk.add_any_connection_with_handle(self._url))
        except MavsdkError as error:
            await self._slowly(mavsdk.destroy)
            raise LinkError(f"{self._url} cannot be opened: {error}") from error
        self._mavsdk = mavsdk

    async def _find(self) -> None:
        """Wait for our aircraft, and let nothing be written until it is known to be ours."""
        wanted, started_s, said = self._dock.aircraft.system_id, self._clock.wall_s(), False
        while self._system is None:
            found = {system.get_system_id(): system for system in self._systems() if system.has_autopilot()}
            if wanted in found:
                self._adopt(found[wanted])
            else:
                waited_s = self._clock.wall_s() - started_s
                if waited_s > SETTLE_S:
                    if found:
                        others = ", ".join(str(number) for number in sorted(found))
                        why = f"system {others} answers on {self._url}; the fleet file says system {wanted}"
                        self._base = replace(self._base, trouble=why)
                        if not said:
                            log.error("not our aircraft", extra={"system_ids": others, "expected": wanted})
                            said = True
                    self.known.set()
                await self._clock.sleep_wall(0.1)

    def _systems(self) -> list[System]:
        return [] if self._mavsdk is None else list(self._mavsdk.get_systems())

    def _adopt(self, system: System) -> None:
        self._system = system
        self._parameters = Parameters(system=system, slowly=self._slowly, at_rest=lambda: _at_rest(self.reading()))
        self._slots = TelemetrySlots(system=system, clock=self._clock, on_change=self._changed)
        mission, raw = self._slots.mission, RawCommands(system=system, calls=self._calls)
        self._commands = FlightCommands(
            system=system, mission=mission, raw=raw, calls=self._calls, has_parachute=self._type.has_parachute
        )
        self._transfers = Transfers(mission=mission, calls=self._calls, clock=self._clock)
        self._payload = PayloadLink(raw=raw, clock=self._clock, on_change=self._changed, links=self._dock.links)
        self._slots.ask_rates()
        self._companions.attach(system)
        self._base = replace(self._base, system_id=system.get_system_id(), connected=True, trouble=None)
        log.info("aircraft found", extra={"system_id": self._base.system_id})

    async def _watch(self) -> None:
        """Identify, tune, and follow the connection's comings and goings."""
        system, connected = self._system, True
        if system is None:
            return
        was_away = False
        while True:
            if connected and was_away:
                was_away = not await self._is_still_ours(system)
            if connected and not self._base.identified:
                await self._identify(system)
            reading = self.reading()
            if connected and self._base.identified and not self._base.tuned and _at_rest(reading):
                await self._tune()
            self.known.set()
            await self._clock.sleep_wall(WATCH_S)
            was, connected = connected, bool(system.is_connected())
            if was and not connected:
                log.warning("aircraft lost", extra={"system_id": self._base.system_id})
                self._base = replace(self._base, connected=False)
            elif connected and not was:
                log.info("aircraft is back", extra={"system_id": self._base.system_id})
                # It may have been started anew, or be another one: all of it is looked at again.
                was_away = True
                self._base = replace(self._base, connected=True, tuned=False, untuned_because=None)
                if self._parameters is not None:
                    self._parameters.forget()
                if self._slots is not None:
                    self._slots.ask_rates()

    async def _read_uid(self, system: System) -> str | None:
        """As it tells it when asked anew; None when it does not answer."""

        def ask() -> str:
            info = Info(system)
            try:
                return str(info.get_identification().hardware_uid)
            finally:
                info.destroy()

        try:
            return await self._slowly(ask)
        except (MavsdkError, LinkError):
            return None

    async def _is_still_ours(self, system: System) -> bool:
        """After an absence: True once its uid has been read again. Another one's is not ours until it is identified."""
        uid = await self._read_uid(system)
        if uid is None:
            return False
        if self._base.uid is not None and not _same_uid(self._base.uid, uid):
            log.error("the aircraft was swapped for another", extra={"was": self._base.uid, "uid": uid})
            self._base = replace(self._base, uid=uid, identified=False)
        return True

    async def _identify(self, system: System) -> None:
        aircraft = self._dock.aircraft
        if self._base.uid is None:
            uid = await self._read_uid(system)
            if uid is None:
                return
            self._base = replace(self._base, uid=uid)
            if aircraft.uid is None:
                log.warning("the fleet file has no uid: any aircraft with this system id is accepted")
        if aircraft.uid is not None and not _same_uid(aircraft.uid, self._base.uid or ""):
            why = f"the aircraft's uid is {self._base.uid}; the fleet file says {aircraft.uid}"
            self._base = replace(self._base, trouble=why)
            return
        reading = self.reading()
        if reading.armed is None or reading.in_air is None:
            return
        if not (reading.armed or reading.in_air):
            place, limit_m = reading.position, self._dock.limits.max_site_offset_m
            if place is None:
                return
            away_m = distance_m(place.lat_deg, place.lon_deg, self._dock.lat_deg, self._dock.lon_deg)
            if away_m > limit_m:
                why = f"the aircraft is {away_m:.0f} m from its site; {limit_m:.0f} m is the most"
                self._base = replace(self._base, trouble=why)
                return
        self._base = replace(self._base, identified=True, trouble=None)
        if self._payload is not None:
            self._payload.refresh()
        log.info("aircraft identified", extra={"system_id": self._base.system_id, "uid": self._base.uid})

    async def _tune(self) -> None:
        parameters = self._parameters
        why = "there is no aircraft that may be written to" if parameters is None else await parameters.tune(self._type)
        if why is not None and why != self._base.untuned_because:
            log.error("aircraft cannot be set up", extra={"why": why})
        self._base = replace(self._base, tuned=why is None, untuned_because=why)

    async def _slowly(self, call: Callable[[], T]) -> T:
        """A blocking call on the one slow thread; raises `LinkError` when it does not end in time."""
        if self._slow is None:
            raise NotConnected("the aircraft link is not open")
        return await self._slow.run(call, within_s=SLOW_S)

    def _changed(self) -> None:
        """On MAVSDK's thread: at most one notice waits in the loop."""
        if self._notified or self._closing or self._loop is None:
            return
        self._notified = True
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        self._notified = False
        self._notify()

    async def _destroy(self) -> None:
        mavsdk, self._mavsdk = self._mavsdk, None
        if self._payload is not None:
            await self._payload.close()
        self._slots = self._commands = self._transfers = self._payload = self._parameters = None
        if mavsdk is None:
            return
        # A daemon: a pending parameter read can hold destroy() up, and must not hold up the process.
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def destroy() -> None:
            mavsdk.destroy()
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(done.set)

        threading.Thread(target=destroy, name="mavsdk destroy", daemon=True).start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DESTROY_S):
                await done.wait()
        self.hung = not done.is_set()
        if self.hung:
            log.error("the aircraft link did not close in time")


def guard_port(url: str) -> None:
    """Raise `PortTaken` when a ``udpin`` port has a listener: a second one would silently take all its traffic."""
    parts = urlsplit(url)
    if parts.scheme != "udpin" or parts.port is None:
        return
    host = parts.hostname or "0.0.0.0"  # noqa: S104 - as the URL of the fleet file says
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, parts.port))
        except OSError:
            raise PortTaken(f"{host}:{parts.port}") from None


def _same_uid(ours: str, theirs: str) -> bool:
    return bare_uid(ours) == bare_uid(theirs)


def _at_rest(reading: AircraftReading) -> bool:
    return reading.armed is False and reading.in_air is False


def _log(level: LogLevel, message: str, _file: str | None, _line: int) -> bool:
    """MAVSDK's own words, at debug level but for its errors; True keeps it from printing."""
    log.log(logging.WARNING if level >= LogLevel.ERROR else logging.DEBUG, "mavsdk", extra={"said": message[:200]})
    return True
