"""Settings that every process has: where the broker is, what time it is, which keys to believe.

Read once by each process from the environment (``KESTREL_...``) and, beneath it, from the file that ``KESTREL_CONFIG``
names (``KEY=value`` lines). See docs/reference/settings.md.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from kestrel.clock import SystemClock
from kestrel.errors import WrongUsage

PREFIX = "KESTREL_"


class ProcessSettings(BaseSettings):
    """The base of each process's settings."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    log_level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""
    mission_epoch: float | None = None
    """Unix seconds when mission and wall time were equal; None: the start of the process."""
    time_factor: float = Field(default=1.0, gt=0, le=20)
    """Mission seconds in a wall second; 1 in any live deployment. Faster, and statuses age before they arrive."""
    ready_file: Path | None = None
    """Written when the process is ready to serve."""

    @classmethod
    def read(cls, **overrides: object) -> Self:
        """From the environment and the file named by KESTREL_CONFIG; ``overrides`` are the command line's.

        Raises `WrongUsage` with every fault, each with the variable to set.
        """
        given: dict[str, Any] = {name: value for name, value in overrides.items() if value is not None}
        try:
            return cls(_env_file=os.environ.get("KESTREL_CONFIG"), **given)
        except ValidationError as error:
            raise WrongUsage("; ".join(_told(error))) from None

    def clock(self) -> SystemClock:
        """The process's clock."""
        return SystemClock(epoch=self.mission_epoch, factor=self.time_factor)


class LinkSettings(ProcessSettings):
    """What a process needs that speaks MQTT in signed envelopes."""

    mqtt_host: str = "127.0.0.1"
    """Where the broker listens."""
    mqtt_port: int = Field(default=1883, ge=1, le=65535)
    """1883 as a rule, 8883 with TLS."""
    mqtt_username: str | None = None
    """This process's account at the broker."""
    mqtt_password: SecretStr | None = None
    """Never logged."""
    mqtt_ca_file: Path | None = None
    """A CA certificate: connect with TLS and check the broker against it."""
    fleet_file: Path
    """The fleet: what is not in it never flies."""
    key_file: Path
    """This process's private signing key, readable by its owner alone."""
    trust_file: Path
    """The public keys that it believes."""


def _told(error: ValidationError) -> Iterator[str]:
    """Each fault of settings, without the value, which may be a secret."""
    for fault in error.errors(include_input=False, include_url=False):
        said = "is missing: set it" if fault["type"] == "missing" else fault["msg"].removeprefix("Value error, ")
        name = ".".join(str(part) for part in fault["loc"]).upper()
        yield f"{PREFIX}{name}: {said}" if name else said
