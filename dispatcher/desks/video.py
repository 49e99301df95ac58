"""Video at the desk: tickets to watch, and what the media process reports."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from contracts.video import VideoOrders, VideoReport
from dispatcher import events as ev
from dispatcher import viewership
from dispatcher.desks.writer import Writer
from dispatcher.entities import Flight
from dispatcher.record import SYSTEM


class VideoDesk(Writer):
    """Who may watch, who does, what was recorded."""

    _media_heard_s: float | None = None

    async def give_video_ticket(
        self,
        actor: str,
        flight_id: UUID,
        reason: ev.ViewReason,
        *,
        live_only: bool,
        person_until: datetime,
        link_id: UUID | None,
    ) -> ev.VideoTicketGiven:
        """In the journal when it returns: only then is the ticket signed."""
        async with self._turnstile.passing():
            given = viewership.give_ticket(
                self.state,
                flight_id,
                actor,
                reason,
                live_only=live_only,
                person_until=person_until,
                link_id=link_id,
                wall_now=self.clock.wall_now(),
                new_id=self._new_id,
            )
            await self._append([given], actor)
            return given

    async def withdraw_video_ticket(self, actor: str, flight_id: UUID, ticket_id: UUID, because: str) -> Flight:
        """Whoever watches by it is cut off with the media process's next report."""
        async with self._turnstile.passing():
            await self._append(viewership.withdraw_ticket(self.state, flight_id, ticket_id, because), actor)
            return self.state.flights[flight_id]

    async def video_report(self, actor: str, report: VideoReport) -> VideoOrders:
        """What the media process says is in the journal when it is answered."""
        self._media_heard_s = self.clock.wall_s()
        if viewership.follow_report(self.state, report):
            async with self._turnstile.passing():
                await self._append(viewership.follow_report(self.state, report), actor)
        return viewership.orders(self.state, deployment=self.deployment, wall_now=self.clock.wall_now())

    async def look_after_video(self) -> None:
        """A media process that is silent shows nothing to anybody, as far as is known; called every few seconds."""
        now_s = self.clock.wall_s()
        if self._media_heard_s is None:
            self._media_heard_s = now_s
        if self.state.watched and now_s - self._media_heard_s > viewership.MEDIA_SILENT_S:
            async with self._turnstile.passing():
                await self._append(viewership.nobody_watches(self.state), SYSTEM)
