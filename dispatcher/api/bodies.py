"""The bodies that the API takes: closed, and strict about numbers (no text for one, no NaN, nothing impossible)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from contracts.screentext import Text
from contracts.warnings import WarningCode
from dispatcher.api.fields import Address, Body, Id, Instant, Revision, Watch
from dispatcher.api.placebodies import PlaceBody
from dispatcher.events import Briefed, DutyRole
from dispatcher.requests import IncidentAmendment, IncidentReport, Press, SetAside


class ReportBody(Body):
    """A new occurrence."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source": "control-room",
                    "reference": "2026-004711",
                    "grade": "1",
                    "category": "road traffic collision",
                    "summary": "two cars, one on its roof",
                    "place": {"lat_deg": 52.4081, "lon_deg": -1.5106, "radius_m": 25.0},
                    "address": "14 High Street, Coventry",
                    "watch_s": 300.0,
                }
            ]
        }
    )

    source: Annotated[Text, Field(min_length=1, max_length=120, description="the system that reports it")]
    reference: Annotated[Text, Field(min_length=1, max_length=200, description="its name there; the same one is one")]
    grade: Annotated[Text, Field(min_length=1, max_length=40, description="urgency, in the force's own words")]
    category: Annotated[Text, Field(min_length=1, max_length=200)]
    summary: Annotated[Text, Field(max_length=4000)] = ""
    place: PlaceBody
    address: Address = ""
    reported_at: Instant | None = Field(
        default=None, description="now when left out; at most 7 days back and 5 minutes ahead of mission time"
    )
    watch_s: Watch | None = None

    def report(self) -> IncidentReport:
        """As the desk takes it."""
        return IncidentReport(
            source=self.source,
            reference=self.reference,
            grade=self.grade,
            category=self.category,
            summary=self.summary,
            place=self.place.place(),
            address=self.address,
            reported_at=self.reported_at,
            watch_s=self.watch_s,
        )


class AmendBody(Body):
    """What has changed; what is left out stays."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"grade": "2", "place": {"lat_deg": 52.409, "lon_deg": -1.512}, "revision": 1}]}
    )

    place: PlaceBody | None = None
    address: Address | None = Field(default=None, description="a place that comes without one has none")
    grade: Annotated[Text, Field(min_length=1, max_length=40)] | None = None
    category: Annotated[Text, Field(min_length=1, max_length=200)] | None = None
    summary: Annotated[Text, Field(max_length=4000)] | None = None
    revision: Revision | None = None

    def amendment(self) -> IncidentAmendment:
        """As the desk takes it."""
        return IncidentAmendment(
            place=None if self.place is None else self.place.place(),
            address=self.address,
            grade=self.grade,
            category=self.category,
            summary=self.summary,
            revision=self.revision,
        )


class CloseBody(Body):
    """The end of an incident."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"outcome": "handed over to the crew on scene"}]})

    outcome: Annotated[Text, Field(min_length=1, max_length=400)]


class MergeBody(Body):
    """Two reports of one occurrence."""

    into: Id = Field(description="the incident that goes on")


class DeclineBody(Body):
    """No drone for this one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "indoors: nothing to see from the air"}]})

    reason: Annotated[Text, Field(min_length=1, max_length=400)]


class OverrideBody(Body):
    """Why a rule of the policy is set aside for this incident."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"note": "the negotiator asks for a view of the roof, from 200 m"}]}
    )

    note: Annotated[Text, Field(min_length=1, max_length=400)]


class SetAsideBody(Body):
    """One warning, set aside for this launch alone."""

    warning: WarningCode
    note: Annotated[Text, Field(min_length=1, max_length=400, description="why; recorded with who and when")]

    def set_aside(self) -> SetAside:
        """As the desk takes it."""
        return SetAside(warning=self.warning, note=self.note)


def _each_once(overrides: list[SetAsideBody]) -> list[SetAsideBody]:
    if len({each.warning for each in overrides}) < len(overrides):
        raise ValueError("must name each warning once")
    return overrides


Overrides = Annotated[list[SetAsideBody], Field(max_length=20), AfterValidator(_each_once)]


class AcceptBody(Body):
    """The pilot's acceptance, with what was left to them to set aside."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"overrides": [{"warning": "gust_over_limit", "note": "one gust; the crew is in danger"}]}]
        }
    )

    overrides: Overrides = Field(default=[], description="what was left to the pilot: all of it, or nothing flies")


class DispatchBody(Body):
    """A press of the button, with what was on the screen."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "purpose": "look for further casualties before the crew arrives",
                    "decision_id": "019b2f6e-7c1a-7d3e-9a41-5d2f8b6c0e11",
                    "incident_revision": 1,
                    "dock_id": None,
                }
            ]
        }
    )

    purpose: Annotated[Text, Field(min_length=1, max_length=400, description="why the drone is sent; recorded")]
    decision_id: Id
    incident_revision: Revision
    dock_id: Annotated[Text, Field(min_length=1, max_length=48)] | None = Field(
        default=None, description="a dock by name; the decision's best when left out"
    )
    overrides: Overrides = Field(
        default=[], description="warnings of the named dock, as they were shown, that are set aside for this launch"
    )
    left_to_pilot: Annotated[bool, Field(strict=True)] = Field(
        default=False,
        description="the pilot is asked to set aside what is theirs; nothing flies before",
    )

    def press(self, idempotency_key: str) -> Press:
        """As the desk takes it."""
        return Press(
            purpose=self.purpose,
            decision_id=self.decision_id,
            incident_revision=self.incident_revision,
            dock_id=self.dock_id,
            idempotency_key=idempotency_key,
            overrides=tuple(each.set_aside() for each in self.overrides),
            left_to_pilot=self.left_to_pilot,
        )


class CommandBody(Body):
    """A safety command needs no reason; one that is given is recorded."""

    because: Annotated[Text, Field(min_length=1, max_length=400)] | None = None


class ShelveBody(Body):
    """For how long an alarm is out of sight, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"for_s": 3600.0, "because": "the charger's fault is known; an engineer comes"}]
        }
    )

    for_s: Annotated[float, Field(strict=True, ge=60, le=28_800, allow_inf_nan=False, description="mission seconds")]
    because: Annotated[Text, Field(min_length=1, max_length=400)]


class DutyBody(Body):
    """Signing on and off."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "action": "sign_on",
                    "accepts": "ask",
                    "max_flights": 2,
                    "acknowledges": ["weather", "restrictions"],
                    "briefing_seq": 1326,
                }
            ]
        }
    )

    action: Literal["sign_on", "sign_off"]
    role: DutyRole = Field(default=DutyRole.PILOT, alias="as", description="as what; the token must carry that role")
    acknowledges: Annotated[list[Briefed], Field(max_length=4)] = Field(
        default=[], description="what was read in the briefing; again at any time, when it has changed"
    )
    briefing_seq: Annotated[int, Field(strict=True, ge=0)] | None = Field(
        default=None, description="`seq` of the briefing that was read; as it is now when left out"
    )
    accepts: Literal["beforehand", "ask"] = Field(
        default="ask", description="ask: each flight waits until its pilot accepts it"
    )
    max_flights: Annotated[int, Field(strict=True, ge=1, le=20)] | None = Field(
        default=None, description="in transit or on watch; the policy's when left out"
    )
    console: Annotated[bool, Field(strict=True)] | None = Field(
        default=None,
        description="true: a console whose heartbeat is watched from now; false: nobody sits at one (demo, replay, "
        "benchmark); left out: as before, or from its first heartbeat on",
    )


class HandoverBody(Body):
    """The end of a shift."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"as": "controller", "note": "K2 waits for a motor; the fair ends at 23:00"}]}
    )

    role: DutyRole = Field(alias="as", description="as what")
    note: Annotated[Text, Field(max_length=2000)] = ""
