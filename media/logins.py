"""The file with the cameras' logins: it belongs to the media process alone, and nothing of it is ever told.

The fleet file is no place for a password: it is in the journal, and every agent has it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from contracts.fleet import Fleet
from contracts.topics import Identifier
from kestrel.errors import FileError
from kestrel.yamlfile import load_yaml
from media.rtsp.login import Login


class CameraLogin(BaseModel):
    """Of one aircraft's camera."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    username: Annotated[str, StringConstraints(pattern=r'^[^"\\:\x00-\x1f\x7f]{1,80}$')]
    password: SecretStr = Field(max_length=200)


class CameraLogins(BaseModel):
    """The file: logins by aircraft id."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    schema_: Literal["kestrel.cameras/1"] = Field(alias="schema")
    cameras: dict[Identifier, CameraLogin]


def read_logins(path: Path | None, fleet: Fleet) -> dict[str, Login]:
    """By aircraft id.

    Raises:
        FileError: it cannot be read, others may read it, or it names an aircraft whose camera is not asked.
    """
    if path is None:
        return {}
    if path.exists() and path.stat().st_mode & 0o077:
        raise FileError(path, "others may read these passwords: chmod 600 it")
    logins = load_yaml(path, CameraLogins).cameras
    asked = {dock.aircraft.id for dock in fleet.docks if (dock.links.video or "").startswith("rtsp")}
    for aircraft_id in logins:
        if aircraft_id not in asked:
            raise FileError(
                path, "the fleet file has no rtsp:// video for this aircraft", field=f"cameras.{aircraft_id}"
            )
    return {name: Login(each.username, each.password) for name, each in logins.items()}
