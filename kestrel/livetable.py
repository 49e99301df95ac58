"""The demo's one live table: each dock with its aircraft, flight, phase, conditions, battery, and the age of it all."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from kestrel.liveview import Json, LiveView, Seen
from kestrel.supervisor import ProcessState, ProcessView

STALE_S = 6.0
"""Wall seconds after which an aircraft's or the feed's values are shown as stale."""
DOCK_STALE_S = 90.0
"""The same for a dock at rest: it is reported at each change, and once a minute when nothing changes."""
RECENT_ENDED = 5
PHASE_STYLE = {
    "ordered": "cyan",
    "preparing": "cyan",
    "launching": "bright_cyan",
    "en_route": "bright_yellow",
    "on_scene": "bright_green",
    "returning": "yellow",
    "landing": "yellow",
    "landed_away": "bold red",
    "missing": "bold red",
}


def render(view: LiveView, *, now_s: float, processes: Sequence[ProcessView], news: Sequence[str]) -> RenderableType:
    """The whole screen."""
    return Group(_docks(view, now_s), _ended(view), _footer(view, now_s, processes), Text("\n".join(news), "dim"))


def _docks(view: LiveView, now_s: float) -> Table:
    table = Table(title=f"Kestrel ({view.deployment or 'connecting'})", expand=True, title_justify="left")
    for heading in ("dock", "state", "lid", "drone", "battery", "incident", "phase", "conditions", "height", "age"):
        table.add_column(heading, justify="right" if heading in ("battery", "height", "age") else "left", no_wrap=True)
    for dock in view.all("dock"):
        table.add_row(*_dock_row(view, dock, now_s))
    return table


def _dock_row(view: LiveView, dock: Seen, now_s: float) -> tuple[RenderableType, ...]:
    data = dock.data
    aircraft = data.get("aircraft") or {}
    flight = view.get("flight", data.get("flight_id"))
    live = next((seen for seen in view.all("aircraft") if seen.data.get("dock_id") == data.get("id")), None)
    newest = dock if live is None or live.at_s < dock.at_s else live
    battery = (live.data if live else aircraft).get("battery_percent")
    height = live.data.get("alt_above_home_m") if live else None
    incident = view.get("incident", flight.data.get("incident_id")) if flight else None
    return (
        str(data.get("id", "")),
        _state(data),
        str(data.get("lid") or "?"),
        str(aircraft.get("callsign", "")),
        "?" if battery is None else f"{battery:.0f} %",
        str(incident.data.get("category", "")) if incident else "",
        _phase(flight.data if flight else None),
        ", ".join(flight.data.get("conditions", ())) if flight else "",
        "" if height is None else f"{height:.0f} m",
        _age(now_s - newest.at_s, stale_s=DOCK_STALE_S if flight is None else STALE_S),
    )


def _state(dock: Json) -> Text:
    if not dock.get("registered", True):
        return Text("unregistered", "bold red")
    if not (dock.get("agent") or {}).get("online", True):
        return Text("agent silent", "bold red")
    state = str(dock.get("state") or "unknown")
    blockers = dock.get("blockers") or []
    return Text(
        state + (f" ({blockers[0]})" if blockers and state != "flying" else ""), "red" if state == "fault" else ""
    )


def _phase(flight: Json | None) -> Text:
    phase = str(flight.get("phase", "")) if flight else ""
    return Text(phase, PHASE_STYLE.get(phase, ""))


def _age(age_s: float, *, stale_s: float = STALE_S) -> Text:
    return Text(f"{age_s:.1f} s", "bold red" if age_s > stale_s else "dim")


def _ended(view: LiveView) -> Table:
    table = Table(title="flights that have ended", expand=True, title_justify="left", show_edge=False)
    for heading in ("drone", "dock", "ended", "to scene (promised)", "battery home (promised)"):
        table.add_column(heading, no_wrap=True)
    ended = [seen.data for seen in view.all("flight") if seen.data.get("ended")]
    for flight in ended[-RECENT_ENDED:][::-1]:
        promised, flown = flight.get("promised") or {}, flight.get("flown") or {}
        table.add_row(
            str(flight.get("callsign", "")),
            str(flight.get("dock_id", "")),
            _phase(flight),
            _beside(flown.get("time_to_scene_s"), promised.get("time_to_scene_s"), "s"),
            _beside(flown.get("battery_on_return_percent"), promised.get("battery_on_return_percent"), "%"),
        )
    return table


def _beside(flown: float | None, promised: float | None, unit: str) -> str:
    one, other = ("–" if value is None else f"{value:.0f} {unit}" for value in (flown, promised))
    return f"{one} ({other})"


def _footer(view: LiveView, now_s: float, processes: Sequence[ProcessView]) -> Text:
    age_s = view.frame_age_s(now_s)
    ready = sum(1 for process in processes if process.state is ProcessState.READY)
    text = Text(f"mission time {view.mission_time or '–'}   ")
    text.append(f"{ready} of {len(processes)} processes ready")
    for process in processes:
        if process.restarts or process.state is not ProcessState.READY:
            times = f", restarted {process.restarts}×" if process.restarts else ""
            text.append(f"   {process.name}: {process.state}{times}", "yellow")
    text.append("   data age ")
    text.append_text(Text("no data", "bold red") if age_s is None else _age(age_s))
    return text
