"""Logging as one JSON object a line on standard error: time, level, logger, message, and the fields given as ``extra``.

Never pass payloads, places of people, tokens or keys: what is logged is ids, counts, states and reasons.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}

NOISY = (
    "aioice",
    "amqtt",
    "httpcore",
    "httpx",
    "pymodbus.logging",
    "transitions",
    "uvicorn.access",
    # It writes the address of each WebSocket, and with that whatever stands behind its question mark.
    "uvicorn.error",
)
"""Loggers of libraries of which warnings are enough."""


class JsonLines(logging.Formatter):
    """One JSON object a record."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "t": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure(*, level: str = "INFO") -> None:
    """Send all logging to standard error as JSON lines; called once, by a process's composition root."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
