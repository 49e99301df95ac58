"""What the force wants of pilots and of flights in the air: limits, silence, avoidance, recording, lost links."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.vocabulary import Avoidance, RecordingFrom


@dataclass(frozen=True, slots=True, kw_only=True)
class FlyingPolicy:
    """Times are mission seconds unless they say wall."""

    flights_in_hand: int = 1
    """That one pilot may fly by hand at a time."""
    flights_watched: int = 4
    """That one pilot may have in transit or on watch beside those; a sign-on may say less."""
    console_silent_wall_s: float = 10.0
    """Without a heartbeat from a pilot's console until it counts as silent."""
    silent_hold_s: float = 60.0
    """From then until a flight that nobody has taken over is held."""
    silent_return_s: float = 60.0
    """From the hold until it is called home."""
    offer_wall_s: float = 60.0
    """For which an offered hand-over waits for its answer."""
    confirm_wall_s: float = 10.0
    """Within which the second press must follow the first."""
    link_loss_return_s: float = 10.0
    """Without the agent's link until the autopilot returns by itself."""
    avoidance: Avoidance = Avoidance.DESCEND
    avoidance_alt_above_home_m: float = 30.0
    recording_from: RecordingFrom = RecordingFrom.SCENE
    clear_air_within_m: float = 1000.0
    """Flights nearer than this to a scene are over it, whatever incident they are on."""
