"""The media process's settings, from the environment and the file that ``KESTREL_CONFIG`` names."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from kestrel.settings import ProcessSettings


class MediaSettings(ProcessSettings):
    """See docs/reference/settings.md."""

    fleet_file: Path
    """The fleet: where each aircraft's video arrives."""
    trust_file: Path
    """The public keys that it believes: the dispatcher's signs tickets."""
    api_url: str = Field(default="http://127.0.0.1:8080", pattern=r"^https?://")
    """The dispatcher's API."""
    media_token_file: Path
    """A file with the bearer token (role ``media``) by which it asks the dispatcher; read again when it changes."""
    media_cameras_file: Path | None = None
    """A file, readable by its owner alone, with the logins of cameras that are asked by RTSP; None: they want none."""
    media_host: str = "127.0.0.1"
    media_port: int = Field(default=8041, ge=0, le=65535)
    """0: any free port; the ready file says which."""
    media_origins: str = ""
    """Origins of the pages that may watch, separated by commas; none: those of the API's URL alone."""
    media_dir: Path = Path("recordings")
    """Where recordings are kept."""
    media_viewers: int = Field(default=200, ge=1, le=5000)
    """Sessions at a time."""

    def origins(self) -> list[str]:
        """Origins that may watch."""
        given = [origin.strip().rstrip("/") for origin in self.media_origins.split(",") if origin.strip()]
        return given or [self.api_url.rstrip("/")]
