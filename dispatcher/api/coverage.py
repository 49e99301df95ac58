"""Coverage over HTTP: what has been solved, its age, and its tag, so that who has it need not take it again."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from dispatcher.api.context import GEOJSON, Context
from dispatcher.api.problems import problem
from dispatcher.coverage.question import question_of
from dispatcher.coverage.surveyor import CoverageNotReady, Surveyor

AGAIN_AFTER_S = 2


async def coverage_response(ctx: Context, surveyor: Surveyor, request: Request) -> Response:
    """The newest coverage; 304 for who has it; 503 while there is none yet."""
    question = question_of(ctx.desk.state, policy=ctx.desk.policy, mission_time=ctx.clock.mission_now())
    try:
        answer, current = await surveyor.answer(question)
    except CoverageNotReady as error:
        return problem(
            deployment=ctx.deployment,
            instance=request.url.path,
            status=503,
            slug="coverage-not-ready",
            title="Coverage is not ready",
            detail=f"No coverage has been worked out yet: {error.because}. Ask again in a moment.",
            headers={"Retry-After": str(AGAIN_AFTER_S)},
        )
    headers = {
        "ETag": answer.etag,
        "Cache-Control": "no-cache, private",
        "Age": str(int(surveyor.age_s(answer))),
        "Kestrel-Coverage": "current" if current else "outdated",
    }
    held = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if answer.etag in held or "*" in held:
        return Response(status_code=304, headers=headers)
    return Response(answer.body, media_type=GEOJSON, headers=headers)
