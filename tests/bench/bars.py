"""What each figure is held against, read from a file: a bar is a decision, not code."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from tests.bench.errors import BarsFileError

BARS_FILE = Path(__file__).with_name("bars.toml")


class Bar(BaseModel):
    """The most that a figure's value, or its ratio to the rival, may be; see the head of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    unit: str = Field(min_length=1)
    of: Literal["value", "ratio"]
    at_most: float = Field(gt=0)
    plus: str | None = None


_Bars = TypeAdapter(dict[str, Bar])


def load_bars(path: Path = BARS_FILE) -> dict[str, Bar]:
    """Bars by the name of their figure, in the file's order; raises `BarsFileError`."""
    try:
        bars = _Bars.validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BarsFileError(path, f"cannot be read: {error}") from None
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise BarsFileError(path, f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}") from None
    if not bars:
        raise BarsFileError(path, "holds no bar")
    return bars
