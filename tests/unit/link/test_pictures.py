"""Pictures of docks: only pictures, only those of their hash, and never an older one over a newer."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.errors import MalformedEnvelope
from contracts.reports import MAX_PICTURE_BYTES, DockPicture
from contracts.vocabulary import Deployment
from dispatcher.link.pictures import PictureSlots

JPEG = b"\xff\xd8\xff\xe0" + b"still" * 20
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def picture(image: bytes = JPEG, **changes: Any) -> DockPicture:
    values: dict[str, Any] = {
        "deployment": Deployment.SIMULATION,
        "taken_at": NOON,
        "when": "before the lid opens",
        "media_type": "image/jpeg",
        "sha256": hashlib.sha256(image).hexdigest(),
        "image_b64": base64.b64encode(image).decode(),
    }
    return DockPicture(**(values | changes))


def test_the_newest_picture_of_a_dock_is_kept() -> None:
    slots = PictureSlots()
    assert slots.latest("cov-1") is None
    assert slots.put("cov-1", picture())
    assert slots.put("cov-1", picture(JPEG + b"2", taken_at=NOON + timedelta(seconds=9)))
    assert not slots.put("cov-1", picture(JPEG + b"3", taken_at=NOON + timedelta(seconds=5)))
    kept = slots.latest("cov-1")
    assert kept is not None
    assert (kept.image, kept.sha256) == (JPEG + b"2", hashlib.sha256(JPEG + b"2").hexdigest())
    assert slots.latest("cov-2") is None


@pytest.mark.parametrize(
    "wrong",
    [
        picture(sha256="0" * 64),
        picture(media_type="image/png"),
        picture(b"<svg onload=alert(1)>"),
    ],
)
def test_what_is_no_picture_or_not_the_one_of_its_hash_is_refused(wrong: DockPicture) -> None:
    slots = PictureSlots()
    with pytest.raises(MalformedEnvelope):
        slots.put("cov-1", wrong)
    assert slots.latest("cov-1") is None


def test_a_picture_is_at_most_64_kib_and_in_base64() -> None:
    most = JPEG + bytes(MAX_PICTURE_BYTES - len(JPEG))
    assert picture(most).image() == most
    with pytest.raises(ValidationError, match="image_b64"):
        picture(most + b"more")
    with pytest.raises(ValidationError, match="not base64"):
        picture(image_b64="!!!!")
