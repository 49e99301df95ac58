"""The base of all wire messages: a versioned, closed, frozen pydantic model with a name of its own."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """A message body. ``name`` and ``version`` make its kind, e.g. ``flight_order/1``."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: ClassVar[str]
    version: ClassVar[int] = 1

    @classmethod
    def kind(cls) -> str:
        """The kind as it stands in the envelope."""
        return f"{cls.name}/{cls.version}"
