"""The journal over HTTP: the events as they lie in it, with all that is needed to check the chain oneself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from dispatcher.api import examples
from dispatcher.api.context import Ctx
from dispatcher.presentation import Json

router = APIRouter(prefix="/journal", tags=["journal"])


@router.get("", responses=examples.JOURNAL)
async def read_journal(
    ctx: Ctx,
    after: Annotated[int, Query(ge=0, le=2**53, description="the last seq that is known already")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> JSONResponse:
    """Events after a sequence number, in their order.

    ``hash = SHA-256(previous hash || RFC 8785(header) || payload_hash)`` and
    ``payload_hash = SHA-256(salt || RFC 8785(payload))``, from 32 zero bytes on.
    """
    rows = await ctx.journal.read_raw(after, limit)
    events = [_event(row) for row in rows]
    return ctx.answer({"events": events, "next": events[-1]["seq"] if len(events) == limit else None})


@router.get("/verify", responses=examples.VERIFY)
async def verify_journal(ctx: Ctx) -> JSONResponse:
    """Walk the whole chain as it lies in the store."""
    report = await ctx.journal.verify()
    return ctx.answer(
        {
            "ok": report.ok,
            "events": report.events,
            "erased": report.erased,
            "head": report.head.hex(),
            "first_broken_seq": report.first_broken_seq,
            "because": report.because,
        }
    )


def _event(row: Mapping[str, Any]) -> Json:
    salt, payload = row["salt"], row["payload"]
    return {
        "seq": row["seq"],
        "force": row["force"],
        "stream": row["stream"],
        "version": row["version"],
        "id": row["id"],
        "type": row["type"],
        "schema_version": row["schema_version"],
        "mission_time": row["mission_time"],
        "wall_time": row["wall_time"],
        "actor": row["actor"],
        "causation_id": row["causation_id"],
        "payload": None if payload is None else json.loads(payload),
        "salt": None if salt is None else bytes(salt).hex(),
        "payload_hash": bytes(row["payload_hash"]).hex(),
        "hash": bytes(row["hash"]).hex(),
    }
