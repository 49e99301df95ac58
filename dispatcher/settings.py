"""The dispatcher's settings, from the environment and the file that ``KESTREL_CONFIG`` names."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from dispatcher.decision.facts import Policy
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

    @model_validator(mode="after")
    def _keys_come_from_one_place(self) -> Self:
        if (self.jwks_url is None) == (self.jwks_file is None):
            raise ValueError("set one of KESTREL_JWKS_URL and KESTREL_JWKS_FILE: where the issuer's public keys are")
        if self.policy_min_watch_s > self.policy_watch_cap_s:
            raise ValueError("KESTREL_POLICY_MIN_WATCH_S must not be above KESTREL_POLICY_WATCH_CAP_S")
        return self

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
