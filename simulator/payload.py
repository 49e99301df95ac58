"""Which components are on an aircraft's link beside its autopilot: what its type carries."""

from __future__ import annotations

from simulator.camera import Camera, Place
from simulator.gimbal import GimbalDevice
from simulator.illuminator import Illuminator
from simulator.parachute import ParachuteUnit
from simulator.peripheral import Peripheral
from simulator.remoteid import Transmitter
from simulator.speaker import Speaker
from simulator.traffic import AdsbReceiver
from simulator.vehicle import Vehicle


def peripherals(vehicle: Vehicle, *, epoch_us: int) -> list[Peripheral]:
    """The components of this vehicle; ``epoch_us`` is the Unix time of simulation time 0."""
    carried = vehicle.kind.payload
    troubles = vehicle.troubles

    def place() -> Place:
        body = vehicle.seen
        unix_us = epoch_us + round(vehicle.sim_s * 1e6)
        lat_lon = vehicle.frame.to_global(body.north_m, body.east_m)
        return Place(*lat_lon, vehicle.alt_amsl_m, body.height_m, vehicle.attitude.quaternion, unix_us)

    found: list[Peripheral] = []
    if carried.gimbal:
        found.append(GimbalDevice(gimbal=vehicle.gimbal))
    if carried.camera:
        camera = Camera(payload=carried, uri=vehicle.video_uri, place=place, dead=lambda: troubles.camera_dead)
        found.append(camera)
    if carried.light:
        found.append(Illuminator())
    if carried.speaker:
        found.append(Speaker())
    if carried.parachute:
        unit = ParachuteUnit(
            parachute=vehicle.parachute,
            release=vehicle.release_parachute,
            flying=lambda: vehicle.armed and not vehicle.landed,
        )
        found.append(unit)
    if carried.adsb_receiver:
        found.append(AdsbReceiver(healthy=lambda: vehicle.adsb_healthy and not troubles.adsb_silent))
    if carried.remote_id:
        found.append(Transmitter(fit=lambda: vehicle.gnss.has_fix))
    return found
