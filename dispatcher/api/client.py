"""What a web client must know before anybody has signed in: which deployment this is, and where its map comes from."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from dispatcher.api import examples
from dispatcher.api.console import MapSource
from dispatcher.api.context import Ctx


def client_router(source: MapSource) -> APIRouter:
    """The route; ``source`` is the force's choice of base map."""
    router = APIRouter(prefix="/client", tags=["operation"])

    @router.get("", responses=examples.CLIENT)
    async def read_client(ctx: Ctx) -> JSONResponse:
        """Open to all: the deployment, the force, and the base map. Nothing of what is going on."""
        return ctx.answer(
            {
                "force": ctx.desk.state.force_name,
                "map": {
                    "style_url": source.style_url,
                    "pmtiles_url": source.pmtiles_url,
                    "attribution": source.attribution,
                },
            }
        )

    return router
