"""The check after a landing: seated, lid closed, battery read, charging. Until it has passed the dock is not ready.

It is pure; that a check is owed is kept on disk by the agent, so that a restart between landing and check does not make
a dock ready that nobody has looked at. A check that fails goes on being looked at: what is put right passes by itself.
"""

from __future__ import annotations

from contracts.vocabulary import AlarmKind, Charger, Lid
from dock_agent.alarms import Alarm
from dock_agent.readings import AircraftReading, DockReading

PATIENCE_S = 60.0
"""Mission seconds from the first look until what is still missing is an alarm; a charger takes some to begin."""
HEARING_S = 15.0
"""Wall seconds that are the least for it."""


def findings(hardware: DockReading, aircraft: AircraftReading) -> list[tuple[AlarmKind, str]]:
    """What keeps the check from passing, each with the alarm that it becomes; empty: it has passed."""
    if not hardware.alive:
        return [(AlarmKind.AIRCRAFT, f"the dock's hardware is unreachable: {hardware.trouble}")]
    found = []
    if not hardware.seated:
        found.append((AlarmKind.AIRCRAFT, "no aircraft is seated in the box"))
    if aircraft.armed:
        found.append((AlarmKind.AIRCRAFT, "the aircraft is armed"))
    if hardware.lid is not Lid.CLOSED:
        found.append((AlarmKind.LID, f"the lid is {hardware.lid}"))
    if hardware.charger is Charger.FAULT:
        found.append((AlarmKind.CHARGER, "the charger reports a fault"))
    elif hardware.seated and hardware.charger not in (Charger.CHARGING, Charger.FULL):
        found.append((AlarmKind.CHARGER, f"the charger is {hardware.charger}: the aircraft is not being charged"))
    if hardware.seated and hardware.battery_percent is None:
        found.append((AlarmKind.CHARGER, "the charger cannot read the battery"))
    return found


def blocker(hardware: DockReading, aircraft: AircraftReading) -> str:
    """Why a dock whose check is owed cannot launch, in words."""
    found = "; ".join(text for _, text in findings(hardware, aircraft)) or "it is being looked at"
    return f"the check after the last flight has not passed: {found}"


_TO_DO = {
    AlarmKind.AIRCRAFT: "look at the aircraft",
    AlarmKind.LID: "have the lid looked at",
    AlarmKind.CHARGER: "have the charger and the contacts looked at; the dock launches nothing until then",
}


def check_alarms(hardware: DockReading, aircraft: AircraftReading) -> list[Alarm]:
    """The alarms of a check that did not pass in time, one of a kind, each naming the action."""
    texts: dict[AlarmKind, list[str]] = {}
    for kind, text in findings(hardware, aircraft):
        texts.setdefault(kind, []).append(text)
    return [
        Alarm(kind=kind, text=f"after the landing {'; '.join(found)}: {_TO_DO[kind]}", of_dock=True)
        for kind, found in texts.items()
    ]
