"""What the decision and the desks take from a policy, in their own words."""

from __future__ import annotations

from dispatcher.decision.facts import Policy
from dispatcher.policy.document import PolicyDocument
from dispatcher.policy.flying import FlyingPolicy
from geo.airspace.zone import Restriction


def decision_policy(document: PolicyDocument, *, heartbeat_max_age_s: float) -> Policy:
    """The policy of decisions. A wish for a shorter watch than the least lowers the least."""
    watch, flights, airspace = document.watch, document.flights, document.airspace
    return Policy(
        watch_s=watch.usual_s,
        min_watch_s=min(watch.least_s, watch.usual_s),
        watch_cap_s=watch.most_s,
        reserve_percent=flights.reserve_percent,
        transit_alt_m=flights.transit_alt_above_home_m,
        scene_alt_m=flights.scene_alt_above_home_m,
        standoff_m=flights.standoff_m,
        heartbeat_max_age_s=heartbeat_max_age_s,
        keep_out=tuple(sorted({*airspace.keep_out, Restriction.PROHIBITED})),
        zone_margin_m=airspace.margin_m,
        zones_ahead_s=airspace.ahead_s,
        scene_in_zone=airspace.scene_in_zone,
        watch_within_m=airspace.watch_within_m,
        report_within_m=document.reports.within_m,
        report_max_age_s=document.reports.max_age_s,
        forecast_ahead_s=document.reports.ahead_s,
    )


def flying_policy(document: PolicyDocument) -> FlyingPolicy:
    """The policy of pilots and of flights in the air."""
    flights, pilots = document.flights, document.pilots
    return FlyingPolicy(
        flights_in_hand=pilots.flights_in_hand,
        flights_watched=pilots.flights_watched,
        console_silent_wall_s=pilots.console_silent_wall_s,
        silent_hold_s=pilots.silent_hold_s,
        silent_return_s=pilots.silent_return_s,
        offer_wall_s=pilots.offer_wall_s,
        link_loss_return_s=flights.link_loss_return_s,
        avoidance=flights.avoidance,
        avoidance_alt_above_home_m=flights.avoidance_alt_above_home_m,
        recording_from=flights.recording_from,
        clear_air_within_m=flights.clear_air_within_m,
    )
