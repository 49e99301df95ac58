"""The control port: faults put in and taken out while the world lives, and the truth about it, one JSON line each way.

For tests and demonstrations. It knows what nobody in the product may know (where an aircraft really is), so it stands
apart from the protocols of the real things, and only on the loopback interface. docs/simulator.md says how to use it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from simulator.errors import PortTaken, SimulatorError, UnknownTarget
from simulator.faults import Fault
from simulator.place import ObservedAircraft, Place, SimulatedAircraft
from simulator.schema import Identifier, Part
from simulator.timeline import Injected
from simulator.world import World

_log = logging.getLogger(__name__)
_MAX_LINE = 65_536
_MAX_CLIENTS = 16
Json = dict[str, Any]


class Inject(Part):
    """Put a fault in; ``at_s`` counts from now."""

    do: Literal["inject"]
    fault: Fault


class Mend(Part):
    """End a fault by its number; without one, all of them."""

    do: Literal["mend"]
    number: int | None = None


class Faults(Part):
    """Which last, and which wait."""

    do: Literal["faults"]


class LookAround(Part):
    """The world as it truly is."""

    do: Literal["world"]


class PressLid(Part):
    """The button inside the box: for who flies without a dock agent."""

    do: Literal["lid"]
    dock: Identifier
    open: bool


Request = Annotated[Inject | Mend | Faults | LookAround | PressLid, Field(discriminator="do")]
_REQUEST: TypeAdapter[Request] = TypeAdapter(Request)


class Control:
    """Answers requests about one world."""

    def __init__(self, *, world: World) -> None:
        self._world = world

    def answer(self, line: bytes) -> Json:
        """What to say to one line; ``ok`` False with a ``problem`` for one that cannot be done."""
        try:
            request = _REQUEST.validate_json(line)
            return {"ok": True, "sim_s": round(self._world.sim_s, 3), **self._do(request)}
        except ValidationError as problem:
            told = [f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in problem.errors()]
            return {"ok": False, "problem": "; ".join(told)}
        except SimulatorError as problem:
            return {"ok": False, "problem": str(problem)}

    def _do(self, request: Request) -> Json:
        world = self._world
        if isinstance(request, Inject):
            injected = world.inject(request.fault)
            did = f"fault {injected.number}: {describe(injected)}"
            _log.info("%s", did)
            return {"number": injected.number, "did": did}
        if isinstance(request, Mend):
            known = [each.number for each in (*world.timeline.active, *world.timeline.waiting)]
            numbers = known if request.number is None else [request.number]
            mended = [number for number in numbers if world.mend(number) is not None]
            did = f"mended {', '.join(map(str, mended))}" if mended else "nothing to mend"
            _log.info("%s", did)
            return {"mended": mended, "did": did}
        if isinstance(request, Faults):
            timeline = world.timeline
            return {
                "active": [_injected(each) for each in timeline.active],
                "waiting": [_injected(each) for each in timeline.waiting],
            }
        if isinstance(request, PressLid):
            if request.dock not in world.places:
                raise UnknownTarget(kind="lid", target=request.dock, reason="is not in the scenario")
            world.places[request.dock].dock.lid_open_wanted = request.open
            return {"did": f"the lid of {request.dock} was told to {'open' if request.open else 'shut'}"}
        weather = world.weather
        return {
            "weather": {
                "wind_speed_m_s": weather.wind_speed_m_s,
                "wind_from_deg": weather.wind_from_deg,
                "gust_m_s": weather.gust_m_s,
                "rain_mm_h": weather.rain_mm_h,
                "temperature_c": weather.temperature_c,
            },
            "docks": {dock_id: _place(place) for dock_id, place in world.places.items()},
        }


def describe(injected: Injected) -> str:
    """One line about a fault."""
    fault = injected.fault
    whose = fault.dock or fault.aircraft or "everywhere"
    lasts = "for good" if injected.until_s is None else f"until {injected.until_s:.1f} s"
    return f"{fault.kind} at {whose} from {injected.begins_s:.1f} s, {lasts}"


def _injected(injected: Injected) -> Json:
    return {
        "number": injected.number,
        "begins_s": round(injected.begins_s, 3),
        "until_s": None if injected.until_s is None else round(injected.until_s, 3),
        "fault": injected.fault.model_dump(mode="json", exclude_none=True, exclude_defaults=True),
    }


def _place(place: Place) -> Json:
    dock = place.dock
    view: Json = {
        "lid": dock.lid.name.lower(),
        "lid_open_share": round(dock.lid_open_share, 3),
        "seat": dock.seat.name.lower(),
        "charger": dock.charger.name.lower(),
    }
    occupant = place.occupant
    if isinstance(occupant, SimulatedAircraft):
        vehicle = occupant.vehicle
        body = vehicle.body
        lat_deg, lon_deg = vehicle.frame.to_global(body.north_m, body.east_m)
        view["aircraft"] = {
            "id": vehicle.identity.name,
            "system_id": vehicle.identity.system_id,
            "lat_deg": round(lat_deg, 8),
            "lon_deg": round(lon_deg, 8),
            "alt_amsl_m": round(vehicle.alt_amsl_m, 3),
            "height_m": round(body.height_m, 3),
            "ground_speed_m_s": round(body.ground_speed_m_s, 3),
            "heading_deg": round(occupant.heading_deg, 2),
            "on_ground": body.on_ground,
            "armed": vehicle.armed,
            "mode": vehicle.mode.name.lower(),
            "battery_percent": round(vehicle.battery.percent, 2),
            "broken": vehicle.fault,
        }
    elif isinstance(occupant, ObservedAircraft):
        state = occupant.state
        view["aircraft"] = {"lat_deg": state.lat_deg, "lon_deg": state.lon_deg, "alt_amsl_m": state.alt_amsl_m}
    return view


@asynccontextmanager
async def serve(world: World, *, host: str, port: int) -> AsyncIterator[int]:
    """Take requests for the time of the block; the port that was bound (another than ``port`` where that is 0).

    Raises:
        PortTaken: it cannot be bound.
    """
    control = Control(world=world)
    clients: set[asyncio.StreamWriter] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(clients) >= _MAX_CLIENTS:
            writer.close()
            return
        clients.add(writer)
        try:
            while line := await reader.readline():
                writer.write(json.dumps(control.answer(line)).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):  # gone, or a line without end
            pass
        finally:
            clients.discard(writer)
            writer.close()

    try:
        server = await asyncio.start_server(talk, host, port, limit=_MAX_LINE)
    except OSError as problem:
        raise PortTaken(
            owner="control", address=f"tcp {host}:{port}", reason=problem.strerror or str(problem)
        ) from problem
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in list(clients):
            writer.close()
        await server.wait_closed()
