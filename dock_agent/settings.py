"""The agent's settings: which dock it is, where its memory lives."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from contracts.topics import Identifier
from kestrel.settings import LinkSettings


class AgentSettings(LinkSettings):
    """Read once by `dock_agent.app.run`, from KESTREL_... and the command line."""

    dock: Identifier
    """Which dock of the fleet file this agent is."""
    state_dir: Path = Path("run/agents")
    """Holds DOCK.lock and DOCK.sqlite: events not yet acknowledged, orders handled, the flight under way."""
    status_s: float = Field(default=2.0, gt=0, le=30)
    """Wall seconds between statuses; the status is the agent's heartbeat."""
