"""A controller who works by the book, through the public API alone: takes a call in, dispatches, or says why not.

The demo's trickle and the replay share it. A decision that went stale on the screen is asked for anew; a refusal by
every dock is recorded with all reasons, and the incident is declined with them, so that nothing stays unanswered.
Other people may be at work too: an incident that somebody else has answered or ended is left to them.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kestrel.apiclient import ApiClient, Json
from kestrel.clock import Clock
from kestrel.errors import ApiRefused, KestrelError

STALE_TRIES = 5
RETRY_S = 30.0
"""Mission seconds between two tries while no dock can go and there is patience left."""
POLL_S = 1.0
"""Wall seconds between two looks at a flight."""
FOUND_WITHIN_S = 1800.0
"""Mission seconds for which a missing flight is still looked out for: its agent may only have been silent."""
NEVER_LEFT = frozenset({"refused", "cancelled"})
BY_OTHERS = frozenset({"incident-not-open", "already-dispatched"})
MISSING = "missing"
MAX_REASON_CHARACTERS = 380


@dataclass(slots=True, kw_only=True)
class Handled:
    """What became of one call. Once it is answered at most one of ``flight`` and ``refusal`` is set; neither when
    somebody else ended the incident before."""

    incident: Json
    decision: Json | None = None
    flight: Json | None = None
    refusal: Json | None = None
    earlier: list[Json] = field(default_factory=list)
    """Flights that a dock's agent refused before it left, each as it ended."""
    by_others: bool = False
    """Somebody else has answered it; ``flight`` is then theirs, if they sent one."""

    @property
    def incident_id(self) -> str:
        """The incident's id."""
        return str(self.incident["id"])


class Controller:
    """Answers calls; ``say`` is told each step in a phrase."""

    def __init__(self, *, api: ApiClient, clock: Clock, say: Callable[[str], None], patience_s: float = 0.0) -> None:
        self._api = api
        self._clock = clock
        self._say = say
        self._patience_s = patience_s

    @contextlib.contextmanager
    def contained(self, reference: str) -> Iterator[None]:
        """What fails with one call (`KestrelError`) is said, and does not end the others."""
        try:
            yield
        except KestrelError as error:
            self._say(f"{reference}: given up, {error}")

    async def take_in(self, report: Json) -> Handled:
        """Report an incident (the same source and reference again is the same incident)."""
        incident = await self._api.post("/api/v1/incidents", report)
        self._say(f"{report['reference']}: {report['category']} taken in")
        return Handled(incident=incident)

    async def answer(self, handled: Handled, *, purpose: str) -> None:
        """Dispatch the best dock, or decline with every dock's reasons once patience (mission seconds) has run out.

        What somebody else has answered meanwhile is left to them; a flight that they sent is followed.
        """
        try:
            await self._dispatch_or_decline(handled, purpose)
        except ApiRefused as refused:
            if refused.kind not in BY_OTHERS and "flight_id" not in refused.problem:
                raise
            handled.by_others = True
            self._say(f"{handled.incident['reference']}: answered by somebody else ({refused})")
            if (flight_id := refused.problem.get("flight_id")) is not None:
                handled.flight, handled.refusal = await self._api.get(f"/api/v1/flights/{flight_id}"), None

    async def _dispatch_or_decline(self, handled: Handled, purpose: str) -> None:
        deadline_s = self._clock.mission_s() + self._patience_s
        while True:
            handled.decision = await self._options(handled.incident_id)
            handled.flight, handled.refusal = await self._press(handled, purpose)
            if handled.flight is not None:
                flight = handled.flight
                self._say(f"{handled.incident['reference']}: {flight['callsign']} ordered from {flight['dock_id']}")
                return
            if self._clock.mission_s() >= deadline_s:
                break
            await self._clock.sleep_mission(min(RETRY_S, self._patience_s))
        reason = in_words(handled.decision)
        await self._api.post(f"/api/v1/incidents/{handled.incident_id}/decline", {"reason": reason})
        self._say(f"{handled.incident['reference']}: declined, {reason}")

    async def _options(self, incident_id: str) -> Json:
        return await self._api.get(f"/api/v1/incidents/{incident_id}/options")

    async def _press(self, handled: Handled, purpose: str) -> tuple[Json | None, Json | None]:
        key = str(uuid.uuid4())
        for attempt in range(STALE_TRIES):
            decision = handled.decision or {}
            body: dict[str, Any] = {
                "purpose": purpose,
                "decision_id": decision["decision_id"],
                "incident_revision": decision["incident_revision"],
                "dock_id": None,
            }
            try:
                path = f"/api/v1/incidents/{handled.incident_id}/dispatch"
                return await self._api.post(path, body, idempotency_key=key), None
            except ApiRefused as refused:
                if refused.kind == "no-eligible-dock":
                    return None, dict(refused.problem)
                if refused.kind != "stale-screen" or attempt == STALE_TRIES - 1:
                    raise
            handled.decision = await self._options(handled.incident_id)
            key = str(uuid.uuid4())
        raise AssertionError("unreachable: the last try returns or raises")

    async def see_home(self, handled: Handled, *, purpose: str, within_s: float) -> None:
        """Follow the flight to its end (at most ``within_s`` mission seconds), then close the incident if it is ours.

        An order that the dock's agent refuses, or that is cancelled before it left, is followed by a new decision.
        """
        deadline_s = self._clock.mission_s() + within_s
        while handled.flight is not None:
            flight = await self._until_ended(handled.flight["id"], deadline_s)
            handled.flight = flight
            if not flight["ended"]:
                self._say(f"{handled.incident['reference']}: {flight['callsign']} is still {flight['phase']}")
                return
            self._say(f"{handled.incident['reference']}: {flight['callsign']} {flight['phase']}")
            if handled.by_others:
                return
            if flight["phase"] not in NEVER_LEFT or len(handled.earlier) >= STALE_TRIES:
                await self._close(handled, f"flight of {flight['callsign']} ended: {flight['phase']}")
                return
            handled.earlier.append(flight)
            handled.flight = None
            await self.answer(handled, purpose=purpose)

    async def _until_ended(self, flight_id: str, deadline_s: float) -> Json:
        phase = ""
        while True:
            flight = await self._api.get(f"/api/v1/flights/{flight_id}")
            if flight["phase"] != phase:
                phase = flight["phase"]
                self._say(f"flight {flight['callsign']}: {phase}")
                if phase == MISSING:
                    deadline_s = min(deadline_s, self._clock.mission_s() + FOUND_WITHIN_S)
            if (flight["ended"] and phase != MISSING) or self._clock.mission_s() >= deadline_s:
                return flight
            await self._clock.sleep_wall(POLL_S)

    async def _close(self, handled: Handled, outcome: str) -> None:
        try:
            await self._api.post(f"/api/v1/incidents/{handled.incident_id}/close", {"outcome": outcome})
        except ApiRefused as refused:
            if refused.status != 409:  # somebody else has closed, merged or declined it
                raise


def in_words(decision: Json | None) -> str:
    """All docks' first reasons in one sentence that fits the journal."""
    options = (decision or {}).get("options", [])
    parts = [f"{option['dock_id']}: {option['reasons'][0]['text']}" for option in options if option["reasons"]]
    text = "no dock can go; " + "; ".join(parts)
    return text if len(text) <= MAX_REASON_CHARACTERS else text[: MAX_REASON_CHARACTERS - 1] + "…"
