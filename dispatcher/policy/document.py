"""The policy file: grades, what launches by itself, what asks, what never flies, and the figures of every flight.

`dispatcher.policy.file` reads it with line numbers in its errors and journals it as `PolicyLoaded`; without a file the
defaults below are the policy. Every name of a rule is unique, because a refusal names the rule that it rests on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from contracts.misfits import refuse
from contracts.vocabulary import Avoidance, RecordingFrom
from contracts.warnings import Concern
from dispatcher.decision.facts import SceneInZone
from dispatcher.security.roles import Role
from geo.airspace.zone import Restriction

SCHEMA: Literal["kestrel.policy/1"] = "kestrel.policy/1"
Fault = tuple[tuple[str | int, ...], str]
"""Where in the document, and what is wrong there."""


def _in_quotes(value: Any) -> Any:
    """YAML reads 23:00 without quotes as 1380: say so, instead of "not a text"."""
    if isinstance(value, int):
        raise ValueError('is a number to YAML: write the time in quotes, like "23:00"')  # noqa: TRY004 - pydantic's
    return value


Word = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True)]
LocalTime = Annotated[str, BeforeValidator(_in_quotes), StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Launch(StrEnum):
    """How a flight to an incident may begin, the freest first."""

    BY_ITSELF = "by_itself"
    """Announced with a countdown; launched at its end unless somebody cancels it."""
    ASKS = "asks"
    """Proposed; launched when a controller or pilot says so in time, else withdrawn."""
    PRESSED = "pressed"
    """Nothing is proposed: a controller presses dispatch."""
    NEVER = "never"
    """Refused, also to a press, but where the rule says who may override it."""


STRICTNESS = {launch: rank for rank, launch in enumerate(Launch)}
"""The higher, the stricter."""


class Weekday(StrEnum):
    """Local days."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class _Rule(_Section):
    name: Word


class Grade(_Rule):
    """One grade of call as the force names it. Its place in the list is its rank: the first is served first."""

    name: Word
    """As it is shown."""
    aliases: tuple[Word, ...] = ()
    """What feeds call it; capitals and spaces at the ends do not matter, here and in the name."""
    weight: float = Field(default=1.0, gt=0, le=1000)
    """What a second saved on it is worth beside a second of another grade, where several calls compete for drones."""
    launch: Launch = Launch.PRESSED
    """How a flight may begin, if no rule below is stricter."""
    window_s: float | None = Field(default=None, ge=3, le=600)
    """Mission seconds of the countdown or of the question; for `by_itself` and `asks`, and only for these."""
    purpose: Text = "find out what is happening before anybody arrives"
    """Stands in the order of a flight that nobody pressed for."""
    watch_s: float | None = Field(default=None, ge=0, le=7200)
    """Watch where the incident does not say; null: `watch.usual_s`."""
    override: tuple[Role, ...] = ()
    """Who may press for a grade that never flies, with a note."""

    def faults(self) -> Iterator[Fault]:
        """What does not fit together."""
        announced = self.launch in (Launch.BY_ITSELF, Launch.ASKS)
        if announced and self.window_s is None:
            yield ("launch",), f"{self.launch.value} needs window_s: for how long it is shown before anything happens"
        if not announced and self.window_s is not None:
            yield ("window_s",), f"has no meaning where launch is {self.launch.value}: remove it"
        if self.override and self.launch is not Launch.NEVER:
            yield ("override",), f"has no meaning where launch is {self.launch.value}: remove it"


class QuietHours(_Rule):
    """Local hours in which launches are held back; ``launch`` is the freest that is left in them."""

    name: Word
    """As it is shown to whom it refuses."""
    starts: LocalTime
    """Local time, in quotes."""
    ends: LocalTime
    """Local time, in quotes; of the next day where it is before `starts`."""
    days: tuple[Weekday, ...] = tuple(Weekday)
    """On which they start."""
    grades: tuple[Word, ...] | None = None
    """Names of grades; null: all."""
    launch: Launch
    """The freest way in which a flight may still begin: `asks`, `pressed` or `never`."""
    because: Text
    """Shown with every refusal."""
    override: tuple[Role, ...] = ()
    """Who may press where `launch` is `never`, with a note."""

    def faults(self) -> Iterator[Fault]:
        """What does not fit together."""
        if self.starts == self.ends:
            yield ("ends",), "is where it starts: give them a length"
        if self.launch is Launch.BY_ITSELF:
            yield ("launch",), "by_itself holds nothing back: remove these hours, or say asks, pressed or never"
        if self.override and self.launch is not Launch.NEVER:
            yield ("override",), f"has no meaning where launch is {self.launch.value}: remove it"
        if not self.days:
            yield ("days",), "name at least one, or remove it for all"


class NoFly(_Rule):
    """Kinds of incident to which no drone goes."""

    name: Word
    """As it is shown to whom it refuses."""
    categories: tuple[Word, ...] = Field(min_length=1)
    """In the words of the feeds; `*` stands for any text, capitals do not matter."""
    grades: tuple[Word, ...] | None = None
    """Names of grades; null: all."""
    because: Text
    """Shown with every refusal."""
    override: tuple[Role, ...] = ()
    """Who may press nevertheless, with a note."""


class Automation(_Section):
    """What holds for everything that is proposed or launched by itself."""

    fresh_s: float = Field(default=300.0, ge=10, le=86_400)
    """Mission seconds since an incident came in, after which nothing is proposed for it any more."""
    apart_m: float = Field(default=250.0, ge=0, le=5000)
    """Nearer than this to an incident that has a drone, nothing is proposed: it may be the same occurrence."""


class Diversion(_Section):
    """When a drone on a lesser call, or on its way home, is proposed for another call."""

    proposed: bool = True
    """false: nothing is proposed; the plan is shown all the same."""
    gain_s: float = Field(default=60.0, ge=0, le=3600)
    """Mission seconds that the graver call must gain, and all calls together, the loss of the lesser one taken off."""
    answer_s: float = Field(default=60.0, ge=5, le=600)
    """Mission seconds for which the question waits for its pilot."""
    countdown_s: float = Field(default=20.0, ge=3, le=600)
    """Mission seconds for which those who would lose it are told before it goes."""


class Reserve(_Section):
    """What the next call is worth, where the plan chooses between drones."""

    weight: float = Field(default=0.7, ge=0, le=10)
    """Seconds that the next calls are expected to lose count so many times; 0: only the calls that wait count."""
    least_calls: int = Field(default=50, ge=1, le=100_000)
    """With fewer past calls on record it is not known where calls come from, and nothing is held back for them."""


class AirspaceRules(_Section):
    """How flights keep out of zones."""

    keep_out: tuple[Restriction, ...] = (Restriction.CONDITIONAL, Restriction.REQ_AUTHORISATION)
    """Restrictions of zones that are flown around, beside `PROHIBITED`, which always is."""
    margin_m: float = Field(default=30.0, ge=1, le=1000)
    """How far from such a zone a route keeps."""
    ahead_s: float = Field(default=3600.0, ge=0, le=86_400)
    """Zones that begin to apply within so many mission seconds count from the beginning."""
    scene_in_zone: SceneInZone = SceneInZone.WATCH_FROM_OUTSIDE
    """What becomes of a scene inside a zone."""
    watch_within_m: float = Field(default=200.0, ge=0, le=2000)
    """The furthest from such a scene that it is watched from; not above `flights.standoff_m`: it is not watched."""


class Reports(_Section):
    """What METARs and TAFs of aerodromes are good for."""

    within_m: float = Field(default=25_000.0, ge=0, le=100_000)
    """The furthest aerodrome whose METAR stands in for a dock's silent weather sensor; 0: none does."""
    max_age_s: float = Field(default=5400.0, ge=0, le=14_400)
    """Of such a METAR; they come every half hour or hour."""
    ahead_s: float = Field(default=3600.0, ge=0, le=86_400)
    """What a TAF holds possible within so many mission seconds is told as a risk."""


class Watch(_Section):
    """How long drones stay on scene."""

    usual_s: float = Field(default=600.0, ge=0, le=7200)
    """Asked for where neither the incident nor its grade says."""
    least_s: float = Field(default=60.0, ge=0, le=7200)
    """A dock that cannot watch this long is not eligible; a wish for less lowers it."""
    most_s: float = Field(default=1800.0, ge=0, le=7200)
    """Of one drone, whatever its battery allows."""

    def faults(self) -> Iterator[Fault]:
        """What does not fit together."""
        if self.least_s > self.most_s:
            yield ("least_s",), "must not be above most_s"


class WarningRules(_Section):
    """Who may set aside, for one launch and with a note, what else would keep a drone at home."""

    aircraft: tuple[Role, ...] = (Role.PILOT,)
    """What the aircraft is built for: wind, gusts, rain, temperature, the least charge to launch with."""
    operations: tuple[Role, ...] = (Role.CONTROLLER,)
    """What the flight is good for: a watch shorter than the least."""

    def of(self, concern: Concern) -> tuple[Role, ...]:
        """Who may; nobody where it is a blocker."""
        match concern:
            case Concern.AIRCRAFT:
                return self.aircraft
            case Concern.OPERATIONS:
                return self.operations
            case Concern.BLOCKER:
                return ()

    def faults(self) -> Iterator[Fault]:
        """What does not fit together."""
        for name, roles in (("aircraft", self.aircraft), ("operations", self.operations)):
            for place, role in enumerate(roles):
                if role in (Role.MEDIA, Role.WATCH):
                    yield (name, place), f"{role.value} neither presses nor accepts a flight: remove it"


class Flights(_Section):
    """How every drone flies. Heights are above its dock."""

    reserve_percent: float = Field(default=20.0, ge=0, le=90)
    """Never planned with; a site's or a type's higher reserve holds."""
    transit_alt_above_home_m: float = Field(default=60.0, gt=0, le=500)
    """On the way out and home."""
    scene_alt_above_home_m: float = Field(default=60.0, gt=0, le=500)
    """On watch."""
    standoff_m: float = Field(default=30.0, ge=0, le=500)
    """It watches from so far before the scene."""
    link_loss_return_s: float = Field(default=10.0, ge=2, le=120)
    """Seconds without the agent's link until the autopilot returns by itself."""
    avoidance: Avoidance = Avoidance.DESCEND
    """What is flown without asking when a crewed aircraft converges."""
    avoidance_alt_above_home_m: float = Field(default=30.0, gt=0, le=500)
    """Where `descend` descends to."""
    recording_from: RecordingFrom = RecordingFrom.SCENE
    """From when the camera records; any other beginning or end is an exception that the journal names."""
    clear_air_within_m: float = Field(default=1000.0, ge=0, le=20_000)
    """Flights nearer than this to a scene go down when its air is cleared."""


class Pilots(_Section):
    """What one pilot may have, and what follows when a console falls silent."""

    flights_in_hand: int = Field(default=1, ge=1, le=10)
    """Flown by hand at a time."""
    flights_watched: int = Field(default=4, ge=1, le=50)
    """In transit or on watch beside those; a sign-on may say less."""
    console_silent_wall_s: float = Field(default=10.0, ge=3, le=600)
    """Wall seconds without a heartbeat until a console counts as silent."""
    silent_hold_s: float = Field(default=60.0, ge=0, le=3600)
    """Mission seconds of silence after which a flight that nobody has taken over is held."""
    silent_return_s: float = Field(default=60.0, ge=0, le=3600)
    """Mission seconds from that hold until the flight is called home."""
    offer_wall_s: float = Field(default=60.0, ge=5, le=3600)
    """Wall seconds for which an offered hand-over waits."""


BUILT_IN_GRADES = (
    Grade(name="Immediate", aliases=("1", "P1", "Grade 1", "emergency"), weight=8.0),
    Grade(name="Priority high", aliases=("2", "P2", "Grade 2", "priority"), weight=4.0),
    Grade(name="Priority standard", aliases=("3", "P3", "Grade 3"), weight=2.0),
    Grade(name="Scheduled", aliases=("4", "P4", "Grade 4"), weight=1.0),
)


class PolicyDocument(_Section):
    """The whole file. A section that is left out has the defaults below."""

    schema_: Literal["kestrel.policy/1"] = Field(alias="schema")
    name: Word
    """What the force calls it; shown with what it decides."""
    time_zone: Word
    """Of all local times, by its IANA name, such as Europe/London; summer time follows from it."""
    grades: tuple[Grade, ...] = Field(min_length=1, max_length=40)
    """The first is the gravest. Among equals the one that has waited longest is first."""
    unknown_grade: Word
    """As which of them an incident is taken whose grade is none of them; it is said on the incident."""
    quiet_hours: tuple[QuietHours, ...] = Field(default=(), max_length=40)
    """In local time."""
    no_fly: tuple[NoFly, ...] = Field(default=(), max_length=200)
    """What never flies."""
    automation: Automation = Automation()
    """For all that launches by itself or asks."""
    diversion: Diversion = Diversion()
    """Of drones that are out already."""
    reserve: Reserve = Reserve()
    """For the calls to come."""
    airspace: AirspaceRules = AirspaceRules()
    """Zones."""
    reports: Reports = Reports()
    """Reported weather."""
    watch: Watch = Watch()
    """Lengths."""
    warnings: WarningRules = WarningRules()
    """Warnings at a launch."""
    flights: Flights = Flights()
    """Figures."""
    pilots: Pilots = Pilots()
    """Limits."""

    @model_validator(mode="after")
    def _fits_together(self) -> PolicyDocument:
        refuse(self._faults())
        return self

    @classmethod
    def built_in(cls) -> PolicyDocument:
        """The policy where the force has none: every flight is pressed for by a person."""
        return cls(
            schema=SCHEMA, name="built-in", time_zone="UTC", grades=BUILT_IN_GRADES, unknown_grade="Priority high"
        )

    def grade_called(self, name: str) -> tuple[int, Grade] | None:
        """The rank (0 is the gravest) and the grade of a feed's word for it; None for an unknown one."""
        wanted = folded(name)
        for rank, grade in enumerate(self.grades):
            if wanted in {folded(word) for word in (grade.name, *grade.aliases)}:
                return rank, grade
        return None

    def _faults(self) -> Iterator[Fault]:
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield ("time_zone",), f"there is no time zone {self.time_zone!r}: use an IANA name such as Europe/London"
        yield from self._faults_of_grades()
        names = Counter(folded(rule.name) for rule in (*self.grades, *self.quiet_hours, *self.no_fly))
        sections: tuple[tuple[str, tuple[Grade | QuietHours | NoFly, ...]], ...] = (
            ("grades", self.grades),
            ("quiet_hours", self.quiet_hours),
            ("no_fly", self.no_fly),
        )
        for section, rules in sections:
            for index, rule in enumerate(rules):
                if names[folded(rule.name)] > 1:
                    yield (section, index, "name"), f"{rule.name!r} stands twice: give each rule a name of its own"
                if not isinstance(rule, NoFly):
                    yield from (((section, index, *loc), text) for loc, text in rule.faults())
                if not isinstance(rule, Grade):
                    yield from self._unknown_grades(section, index, rule.grades or ())
        yield from ((("watch", *loc), text) for loc, text in self.watch.faults())
        yield from ((("warnings", *loc), text) for loc, text in self.warnings.faults())

    def _faults_of_grades(self) -> Iterator[Fault]:
        words: dict[str, str] = {}
        for index, grade in enumerate(self.grades):
            for word in dict.fromkeys(folded(word) for word in (grade.name, *grade.aliases)):
                if word in words:
                    yield ("grades", index), f"{grade.name}: {word!r} already means {words[word]}: it can mean only one"
                words.setdefault(word, grade.name)
            if grade.watch_s is not None and grade.watch_s < min(self.watch.least_s, self.watch.usual_s):
                yield (
                    ("grades", index, "watch_s"),
                    "is below the least that a dock must be able to watch: watch.least_s",
                )
        if self.grade_called(self.unknown_grade) is None:
            yield ("unknown_grade",), f"{self.unknown_grade!r} is not one of: {self._grade_names()}"

    def _unknown_grades(self, section: str, index: int, names: Sequence[str]) -> Iterator[Fault]:
        for place, name in enumerate(names):
            if self.grade_called(name) is None:
                yield (section, index, "grades", place), f"{name!r} is not one of: {self._grade_names()}"

    def _grade_names(self) -> str:
        return ", ".join(grade.name for grade in self.grades)


def folded(word: str) -> str:
    """A word as it is compared: without capitals, runs of spaces as one."""
    return " ".join(word.split()).casefold()
