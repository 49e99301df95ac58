"""Every error as Problem Details (RFC 9457): what is wrong, where, and what to do about it. Never what is inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from dispatcher.api.context import deployment_of
from dispatcher.api.faults import faults_of
from dispatcher.errors import DispatcherError

MEDIA_TYPE = "application/problem+json"
_ORDER = ("type", "title", "status", "detail", "instance", "deployment")


class ProblemResponse(JSONResponse):
    """An answer that says why not."""

    media_type = MEDIA_TYPE


def problem(
    *,
    deployment: str,
    instance: str,
    status: int,
    slug: str,
    title: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **extra: Any,
) -> ProblemResponse:
    """The answer; ``extra`` are members of its own kind, such as ``errors``, ``reasons`` or ``difference``."""
    members = {name: value for name, value in extra.items() if name not in _ORDER}
    content = {
        "type": f"/problems/{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": quote(instance, safe=_OF_A_PATH),
        "deployment": deployment,
        **members,
    }
    return ProblemResponse(content, status_code=status, headers=dict(headers or {}))


def refusal(error: DispatcherError, *, deployment: str, instance: str) -> ProblemResponse:
    """The problem of one of our own errors."""
    headers = {}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="kestrel"'
    if error.status in (429, 503):
        headers["Retry-After"] = "5"
    extra = dict(error.extra)
    if "errors" in extra:
        extra["errors"] = [{**fault, "field": _field(fault["pointer"])} for fault in extra["errors"]]
    return problem(
        deployment=deployment,
        instance=instance,
        status=error.status,
        slug=error.slug,
        title=error.title,
        detail=error.detail,
        headers=headers,
        **extra,
    )


async def on_refusal(request: Request, error: Exception) -> ProblemResponse:
    """Handles `DispatcherError`."""
    error = cast("DispatcherError", error)
    return refusal(error, deployment=deployment_of(request), instance=request.url.path)


async def on_journal_error(request: Request, _: Exception) -> ProblemResponse:
    """Handles `JournalError`: nothing of what was asked has been done."""
    return problem(
        deployment=deployment_of(request),
        instance=request.url.path,
        status=503,
        slug="journal-unavailable",
        title="The journal does not take events at the moment",
        detail="nothing was recorded and nothing was sent: try again",
        headers={"Retry-After": "5"},
    )


async def on_invalid(request: Request, error: Exception) -> ProblemResponse:
    """Handles what pydantic finds in path, query, headers and body."""
    error = cast("RequestValidationError", error)
    found: Sequence[Mapping[str, Any]] = error.errors()
    unknown = [fault for fault in found if fault["loc"] and fault["loc"][0] == "path"]
    if unknown:
        name = str(unknown[0]["loc"][-1])
        return problem(
            deployment=deployment_of(request),
            instance=request.url.path,
            status=404,
            slug="not-found",
            title="Not found",
            detail=f"the {name.replace('_', ' ')} in the path is not an id that was ever given out",
        )
    faults = faults_of(found)
    missing_key = next((fault for fault in faults if fault.get("parameter", "").lower() == "idempotency-key"), None)
    if missing_key is not None and len(faults) == 1:
        return problem(
            deployment=deployment_of(request),
            instance=request.url.path,
            status=400,
            slug="idempotency-key",
            title="A press needs an Idempotency-Key of its own",
            detail=missing_key["detail"],
            errors=faults,
        )
    return problem(
        deployment=deployment_of(request),
        instance=request.url.path,
        status=422,
        slug="invalid",
        title="The document cannot be taken",
        detail="; ".join(f"{fault['field'] or 'document'}: {fault['detail']}" for fault in faults[:3]),
        errors=faults,
    )


_OF_A_PATH = "/:@!$&'()*+,;="
"""What RFC 3986 lets stand in a path as it is. The rest is said back escaped: whoever types one may type anything."""
_TITLES = {404: ("not-found", "Not found"), 405: ("method-not-allowed", "Not with this method")}


async def on_http(request: Request, error: Exception) -> ProblemResponse:
    """Handles what the framework itself refuses."""
    error = cast("HTTPException", error)
    slug, title = _TITLES.get(error.status_code, ("refused", "The request cannot be taken"))
    return problem(
        deployment=deployment_of(request),
        instance=request.url.path,
        status=error.status_code,
        slug=slug,
        title=title,
        detail=str(error.detail),
        headers=error.headers,
    )


def _field(pointer: str) -> str:
    return pointer.rsplit("/", 1)[-1]
