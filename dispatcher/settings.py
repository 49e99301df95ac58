"""The dispatcher's settings, from the environment and the file that ``KESTREL_CONFIG`` names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import NoDecode

from contracts.signing import SigningKey
from contracts.vocabulary import Deployment
from dispatcher.api.console import MapSource
from dispatcher.video import VideoDoor
from kestrel.mqtt import Broker
from kestrel.settings import LinkSettings


class DispatcherSettings(LinkSettings):
    """See docs/reference/settings.md."""

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

    weather_file: Path | None = None
    """METARs and TAFs, a line each, that something else keeps fresh; looked at every 15 s."""
    traffic_source: str | None = None
    """readsb's aircraft.json: a file on this machine, or an http URL on its network."""
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

    policy_file: Path | None = None
    """What the force wants: docs/reference/policy.md. None: the built-in policy, where every flight is pressed for."""

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
        return self

    def map_source(self) -> MapSource:
        """The base map that the force has chosen."""
        return MapSource(
            style_url=self.map_style_url, pmtiles_url=self.map_pmtiles_url, attribution=self.map_attribution
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

    def broker(self) -> Broker:
        """Where the MQTT broker is, and who we are to it."""
        return Broker(
            host=self.mqtt_host,
            port=self.mqtt_port,
            username=self.mqtt_username,
            password=self.mqtt_password.get_secret_value() if self.mqtt_password is not None else None,
            ca_file=self.mqtt_ca_file,
        )
