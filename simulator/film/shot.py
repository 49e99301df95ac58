"""What a camera looks at in one moment, as the simulator tells its film unit: one JSON object a line."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Site(BaseModel):
    """Something on the ground that can be seen, in metres north and east of where the camera's aircraft lives."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    north_m: float
    east_m: float


class Shot(BaseModel):
    """``height_m`` is above the dock; ``yaw_deg`` of the camera, not of the nose; ``pitch_deg`` -90 is straight
    down."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    camera: str
    send_to: str
    """HOST:PORT that its RTP goes to, unless it is served."""
    serve_at: str = ""
    """``rtsp://HOST:PORT/PATH`` where it is served; empty: it is sent."""
    filming: bool
    """False: it stops, and its place is free for another."""
    north_m: float = 0.0
    east_m: float = 0.0
    height_m: float = 0.0
    lat_deg: float = 0.0
    lon_deg: float = 0.0
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    hfov_deg: float = Field(default=65.0, gt=0, lt=180)
    thermal: bool = False
    marker: tuple[float, float] | None = None
    """North and east of what it was told to look at."""
    sites: tuple[Site, ...] = ()
