"""Parts of a document that are right by themselves and do not fit together: each is named by where it stands."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic_core import PydanticCustomError

Misfit = tuple[tuple[str | int, ...], str]
"""Where it stands, by names and places from the root, and what does not fit."""


def refuse(misfits: Iterable[Misfit]) -> None:
    """Raise what a pydantic validator of the whole raises; `kestrel.yamlfile` gives each misfit its line."""
    faults = list(misfits)
    if faults:
        said = "; ".join(f"{'.'.join(map(str, loc))}: {text}" for loc, text in faults)
        raise PydanticCustomError("does_not_fit", "{said}", {"said": said, "faults": faults})
