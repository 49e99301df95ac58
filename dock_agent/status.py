"""The dock as its agent sees it, in the words of the wire. Pure."""

from __future__ import annotations

import base64
from datetime import datetime
from uuid import UUID

from contracts.position import Place
from contracts.reports import MAX_PICTURE_BYTES, DockPicture, DockStatus, LaunchWarning, Telemetry
from contracts.vocabulary import Charger, Deployment, DockState, Lid, Phase
from dock_agent.dock_camera import Picture
from dock_agent.flight import Flight
from dock_agent.guards import Standing, battery_percent, blockers, warnings
from dock_agent.nextaction import NextAction
from dock_agent.readings import AircraftReading, DockReading

MAX_AGE_S = 86400.0


def dock_state(
    flight: Flight | None, *, aircraft: AircraftReading, hardware: DockReading, checked: bool = True
) -> DockState:
    """What the dock is doing."""
    if flight is not None:
        if flight.phase is Phase.PREPARING:
            return DockState.PREPARING
        return DockState.FLYING if flight.landed_at is None else DockState.RECOVERING
    if not hardware.alive or hardware.lid is Lid.FAULT or aircraft.trouble is not None:
        return DockState.FAULT
    if not hardware.seated:
        return DockState.EMPTY
    if hardware.lid is not Lid.CLOSED or not checked:
        return DockState.RECOVERING
    return DockState.CHARGING if hardware.charger is Charger.CHARGING else DockState.READY


def dock_status(
    *,
    standing: Standing,
    flight: Flight | None,
    boot_id: UUID,
    counter: int,
    events_said: int,
    mission_time: datetime,
    wall_time: datetime,
) -> DockStatus:
    """The status to publish."""
    aircraft, hardware = standing.aircraft, standing.hardware
    position = aircraft.position
    return DockStatus(
        boot_id=boot_id,
        counter=counter,
        deployment=standing.deployment,
        mission_time=mission_time,
        wall_time=wall_time,
        events_said=events_said,
        state=dock_state(flight, aircraft=aircraft, hardware=hardware, checked=standing.checked),
        flight_id=flight.order.flight_id if flight else None,
        phase=flight.phase if flight else None,
        lid=hardware.lid,
        aircraft_seated=hardware.seated,
        charger=hardware.charger,
        battery_percent=battery_percent(aircraft, hardware),
        weather=hardware.weather,
        aircraft_connected=aircraft.connected,
        aircraft_system_id=aircraft.system_id,
        aircraft_uid=aircraft.uid,
        aircraft_position=Place(lat_deg=position.lat_deg, lon_deg=position.lon_deg) if position else None,
        blockers=[reason[:400] for reason in blockers(standing)][:40],
        warnings=[
            LaunchWarning(warning=each.warning, text=each.text[:400])
            for each in warnings(standing)
            if each.warning is not None
        ],
        traffic=standing.watch.traffic,
        receiving_flight_id=standing.receiving_flight_id,
        picture_age_s=standing.picture_age_s,
        checked_after_flight=standing.checked,
        maintenance_order_id=standing.maintenance_order_id,
    )


def dock_picture(picture: Picture, *, when: str, deployment: Deployment, taken_at: datetime) -> DockPicture | None:
    """The picture as it is sent; None for one that is too large, or neither JPEG nor PNG."""
    if len(picture.image) > MAX_PICTURE_BYTES or picture.kind not in ("image/jpeg", "image/png"):
        return None
    return DockPicture.model_validate(
        {
            "deployment": deployment,
            "taken_at": taken_at,
            "when": when,
            "media_type": picture.kind,
            "sha256": picture.sha256,
            "image_b64": base64.b64encode(picture.image).decode(),
        }
    )


def gist(status: DockStatus) -> DockStatus:
    """A status without what changes all the time: when two gists differ, the change is worth telling at once."""
    restless = (
        "counter",
        "events_said",
        "mission_time",
        "wall_time",
        "battery_percent",
        "weather",
        "aircraft_position",
        "picture_age_s",
        "blockers",
        "warnings",
    )
    plain = dict.fromkeys(restless)
    return status.model_copy(
        update={**plain, "warnings": [], "blockers": [reason.split(":")[0][:24] for reason in status.blockers]}
    )


def telemetry(
    *,
    aircraft: AircraftReading,
    standing: Standing,
    boot_id: UUID,
    counter: int,
    mission_time: datetime,
    coming: NextAction | None = None,
) -> Telemetry | None:
    """The aircraft's values, and what comes next by itself; None while there is nothing measured to tell."""
    position, charge = aircraft.position, standing.watch.forecast
    if position is None or None in (aircraft.heading_deg, aircraft.ground_speed_m_s, aircraft.climb_m_s):
        return None
    return Telemetry(
        boot_id=boot_id,
        counter=counter,
        deployment=standing.deployment,
        mission_time=mission_time,
        flight_id=standing.flight_id,
        aircraft_id=standing.dock.aircraft.id,
        lat_deg=position.lat_deg,
        lon_deg=position.lon_deg,
        alt_amsl_m=round(position.alt_amsl_m, 2),
        alt_above_home_m=round(position.alt_above_home_m, 2),
        heading_deg=round(aircraft.heading_deg or 0.0, 1),
        ground_speed_m_s=round(aircraft.ground_speed_m_s or 0.0, 2),
        climb_m_s=round(aircraft.climb_m_s or 0.0, 2),
        battery_percent=aircraft.battery_percent,
        armed=bool(aircraft.armed),
        in_air=bool(aircraft.in_air),
        flight_mode=aircraft.mode_name,
        position_age_s=min(MAX_AGE_S, max(0.0, aircraft.position_age_s)),
        link_age_s=min(MAX_AGE_S, max(0.0, aircraft.link_age_s)),
        traffic=standing.watch.traffic,
        battery_at_home_percent=None if charge is None else round(min(100.0, charge.at_home_percent), 1),
        must_leave_at=None if charge is None else charge.must_leave_at,
        next_action=None if coming is None else coming.words[:120],
        next_action_at=None if coming is None else coming.at,
        camera_bearing_deg=_tenths(aircraft.payload.camera_yaw_deg),
        camera_pitch_deg=_tenths(aircraft.payload.camera_pitch_deg),
        camera_hfov_deg=_tenths(aircraft.payload.camera_hfov_deg),
    )


def _tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
