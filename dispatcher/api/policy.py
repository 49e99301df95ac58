"""The policy that holds, over HTTP: as it was journalled, and in words."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from dispatcher.api import examples
from dispatcher.api.context import Ctx, Who
from dispatcher.errors import NotFound
from dispatcher.policycheck import in_words
from dispatcher.presentation.view import instant

router = APIRouter(prefix="/policy", tags=["policy"])


@router.get("", responses=examples.POLICY)
async def read_policy(ctx: Ctx, person: Who) -> JSONResponse:
    """What the force wants of its flights, under which every decision is made."""
    policy = ctx.desk.state.policy
    if policy is None:
        raise NotFound("no policy is on record: it is journalled at the next start of the dispatcher")
    return ctx.answer(
        {
            "digest": policy.digest,
            "source": policy.source,
            "loaded_at": instant(policy.loaded_at),
            "lines": dict(policy.lines),
            "words": list(in_words(policy.document, lines=dict(policy.lines))),
            "policy": policy.document.model_dump(mode="json", by_alias=True),
        }
    )
