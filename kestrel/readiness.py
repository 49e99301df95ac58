"""How a process tells its supervisor that it is ready: a small JSON file, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path


def announce_ready(path: Path | None, facts: Mapping[str, object]) -> None:
    """Write ``facts`` to ``path`` atomically; nothing when there is no path."""
    if path is None:
        return
    draft = path.with_suffix(f".{os.getpid()}.part")
    draft.write_text(json.dumps(dict(facts)), encoding="utf-8")
    draft.replace(path)
