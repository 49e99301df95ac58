"""The dispatcher's settings, from the environment and the file that ``KESTREL_CONFIG`` names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import NoDecode

from contracts.signing import SigningKey
from contracts.vocabulary import Avoidance, Deployment, RecordingFrom
from dispatcher.api.console import MapSource
from dispatcher.decision.facts import Policy, SceneInZone
from dispatcher.policy import FlyingPolicy
from dispatcher.video import VideoDoor
from geo.airspace.zone import Restriction
from kestrel.mqtt import Broker
from kestrel.settings import LinkSettings


class DispatcherSettings(LinkSettings):
    """See docs/reference/settings.md. ``policy_...`` is what the force wants of every flight."""

    database_url: str = Field(default="sqlite:///kestrel.db", repr=False)
    """SQLite file, or PostgreSQL as ``postgresql://user:password@host/database``."""
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    """0: any free port; the ready file says which."""

    issuer: str = "kestrel-local"
    """Who makes the bearer tokens: their ``iss``."""
    jwks_url: str | None = None
    jwks_file: Path | None = None
    """The issuer's public keys: one of the two."""

    airspace_files: Annotated[tuple[Path, ...], NoDecode] = ()
    """Zones that hold at each start: ED-269, ED-318, AIXM 5.1, GeoJSON or KML, separated by commas."""

    terrain_file: Path | None = None
    """An elevation model as a GeoTIFF; without one the ground is taken to be as high as each dock."""
    terrain_sea_level: str | None = None
    """What its heights are above, where the file does not say: EGM96, EGM2008, ODN, NAVD88, ... or AMSL."""
    terrain_gaps_are_sea: bool = False
    """True: where the model has no height there is water at 0 m; false: the ground is not known, and not flown over."""
    video_url: str | None = Field(default=None, pattern=r"^https?://")
    """Where browsers reach the media process; none: there is no live video."""
    video_whep_template: str | None = Field(default=None, pattern=r"^https?://")
    """The WHEP address of a video server of the force's own, in the media process's place, with ``{flight_id}``,
    ``{aircraft_id}`` or ``{dock_id}`` in it."""
    video_ice_servers: str = ""
    """STUN or TURN URLs for browsers, separated by commas."""
    map_style_url: str | None = None
    """A MapLibre style in place of the base map that comes along."""
    map_pmtiles_url: str | None = None
    """Vector tiles in the Protomaps schema in one PMTiles file, on any server that answers Range requests."""
    map_attribution: str | None = None
    """Shown on the map beside what its style says."""
    console_connect: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins that the pages may speak to beside this one (the map's, the video server's), separated by commas."""

    dispatcher_silence_s: float = Field(default=6.0, ge=2.5, le=120)
    """Wall seconds without a sign from a dock's agent until it counts as silent."""
    live_tick_s: float = Field(default=0.2, ge=0.02, le=5)
    """Wall seconds between two frames to a live client."""

    policy_watch_s: float = Field(default=600.0, ge=0, le=7200)
    policy_min_watch_s: float = Field(default=60.0, ge=0, le=7200)
    policy_watch_cap_s: float = Field(default=1800.0, ge=0, le=7200)
    policy_reserve_percent: float = Field(default=20.0, ge=0, le=90)
    policy_transit_alt_m: float = Field(default=60.0, gt=0, le=500)
    policy_scene_alt_m: float = Field(default=60.0, gt=0, le=500)
    policy_standoff_m: float = Field(default=30.0, ge=0, le=500)
    policy_keep_out: tuple[Restriction, ...] = (Restriction.CONDITIONAL, Restriction.REQ_AUTHORISATION)
    """Restrictions of zones that are flown around, beside PROHIBITED, which always is."""
    policy_zone_margin_m: float = Field(default=30.0, ge=1, le=1000)
    policy_zones_ahead_s: float = Field(default=3600.0, ge=0, le=86_400)
    """Zones that begin to apply within so many mission seconds count from the beginning."""
    policy_scene_in_zone: SceneInZone = SceneInZone.WATCH_FROM_OUTSIDE
    """What becomes of a scene inside a zone."""
    policy_watch_within_m: float = Field(default=200.0, ge=0, le=2000)
    """The furthest from such a scene that it is watched from; not above the stand-off: it is not watched."""

    policy_flights_in_hand: int = Field(default=1, ge=1, le=10)
    """Flights that one pilot may fly by hand at a time."""
    policy_flights_watched: int = Field(default=4, ge=1, le=50)
    """Flights in transit or on watch that one pilot may have beside those."""
    policy_console_silent_s: float = Field(default=10.0, ge=3, le=600)
    """Wall seconds without a heartbeat until a pilot's console counts as silent."""
    policy_silent_hold_s: float = Field(default=60.0, ge=0, le=3600)
    """Mission seconds of a console's silence after which a flight that nobody has taken over is held."""
    policy_silent_return_s: float = Field(default=60.0, ge=0, le=3600)
    """Mission seconds from that hold until the flight is called home."""
    policy_offer_s: float = Field(default=60.0, ge=5, le=3600)
    """Wall seconds for which an offered hand-over waits."""
    policy_link_loss_return_s: float = Field(default=10.0, ge=2, le=120)
    """Seconds without the agent's link until the autopilot returns by itself."""
    policy_avoidance: Avoidance = Avoidance.DESCEND
    """What is flown without asking when a crewed aircraft converges."""
    policy_avoidance_alt_m: float = Field(default=30.0, gt=0, le=500)
    """Where ``descend`` descends to, above the dock."""
    policy_recording_from: RecordingFrom = RecordingFrom.SCENE
    """From when the camera records; any other beginning or end is an exception that the journal names."""
    policy_clear_air_within_m: float = Field(default=1000.0, ge=0, le=20_000)
    """Flights nearer than this to a scene go down when its air is cleared."""

    @field_validator("airspace_files", "console_connect", mode="before")
    @classmethod
    def _separated_by_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(each.strip() for each in value.split(",") if each.strip())
        return value

    @model_validator(mode="after")
    def _keys_come_from_one_place(self) -> Self:
        if (self.jwks_url is None) == (self.jwks_file is None):
            raise ValueError("set one of KESTREL_JWKS_URL and KESTREL_JWKS_FILE: where the issuer's public keys are")
        if self.policy_min_watch_s > self.policy_watch_cap_s:
            raise ValueError("KESTREL_POLICY_MIN_WATCH_S must not be above KESTREL_POLICY_WATCH_CAP_S")
        return self

    def map_source(self) -> MapSource:
        """The base map that the force has chosen."""
        return MapSource(
            style_url=self.map_style_url, pmtiles_url=self.map_pmtiles_url, attribution=self.map_attribution
        )

    def policy(self) -> Policy:
        """The policy of decisions. A wish for a shorter watch than the least lowers the least."""
        return Policy(
            watch_s=self.policy_watch_s,
            min_watch_s=min(self.policy_min_watch_s, self.policy_watch_s),
            watch_cap_s=self.policy_watch_cap_s,
            reserve_percent=self.policy_reserve_percent,
            transit_alt_m=self.policy_transit_alt_m,
            scene_alt_m=self.policy_scene_alt_m,
            standoff_m=self.policy_standoff_m,
            heartbeat_max_age_s=self.dispatcher_silence_s,
            keep_out=tuple(sorted({*self.policy_keep_out, Restriction.PROHIBITED})),
            zone_margin_m=self.policy_zone_margin_m,
            zones_ahead_s=self.policy_zones_ahead_s,
            scene_in_zone=self.policy_scene_in_zone,
            watch_within_m=self.policy_watch_within_m,
        )

    def video(self, *, key: SigningKey, force: str, deployment: Deployment) -> VideoDoor:
        """Where video is, and who signs tickets to it."""
        return VideoDoor(
            key=key,
            force=force,
            deployment=deployment,
            url=self.video_url,
            whep_template=self.video_whep_template,
            ice_servers=tuple(url.strip() for url in self.video_ice_servers.split(",") if url.strip()),
        )

    def flying(self) -> FlyingPolicy:
        """The policy of pilots and of flights in the air."""
        return FlyingPolicy(
            flights_in_hand=self.policy_flights_in_hand,
            flights_watched=self.policy_flights_watched,
            console_silent_wall_s=self.policy_console_silent_s,
            silent_hold_s=self.policy_silent_hold_s,
            silent_return_s=self.policy_silent_return_s,
            offer_wall_s=self.policy_offer_s,
            link_loss_return_s=self.policy_link_loss_return_s,
            avoidance=self.policy_avoidance,
            avoidance_alt_above_home_m=self.policy_avoidance_alt_m,
            recording_from=self.policy_recording_from,
            clear_air_within_m=self.policy_clear_air_within_m,
        )

    def broker(self) -> Broker:
        """Where the MQTT broker is, and who we are to it."""
        return Broker(
            host=self.mqtt_host,
            port=self.mqtt_port,
            username=self.mqtt_username,
            password=self.mqtt_password.get_secret_value() if self.mqtt_password is not None else None,
            ca_file=self.mqtt_ca_file,
        )
