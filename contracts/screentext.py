"""Which characters no text that goes onto a screen may hold: those that are not seen, but change what is seen.

One rule for the API and the files of a force, which refuse them, and for feeds and machines, whose texts are taken
without them. An override of the writing direction (U+202E) makes another address of the one on the send button; a
zero-width character makes two names look like one.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's general categories: controls, formats, lone surrogates, separators of lines and of paragraphs."""
LAYOUT = "\t\n\r\u200c\u200d"
"""What a text of several lines may hold of them: tabs, ends of lines, the joiners that some scripts need."""


def unseen_in(text: str, *, allowed: str = LAYOUT) -> str | None:
    """The first character that may not stand there, as people look it up (``U+202E``); None where there is none."""
    if text.isprintable():
        # None of these is printable, and most texts are nothing else.
        return None
    found = next((char for char in text if _is_unseen(char, allowed)), None)
    return None if found is None else f"U+{ord(found):04X}"


def without_unseen(text: str, *, put: str = "", allowed: str = LAYOUT) -> str:
    """The text with ``put`` in the place of each of them."""
    if text.isprintable():
        return text
    return "".join(put if _is_unseen(char, allowed) else char for char in text)


def _is_unseen(char: str, allowed: str) -> bool:
    return char not in allowed and unicodedata.category(char) in _UNSEEN


def as_text(value: str) -> str:
    """Of several lines; raises `ValueError` naming the character that may not stand there."""
    unseen = unseen_in(value)
    if unseen is not None:
        raise ValueError(f"must not hold control characters, seen or unseen: {unseen} is one")
    return value


def as_line(value: str) -> str:
    """One line; raises `ValueError`."""
    if unseen_in(as_text(value), allowed="") is not None:
        raise ValueError("must be one line, without tabs and joiners")
    return value


def as_said(value: Any) -> Any:
    """Of a machine, whose word is never lost for one character: taken out, a space in its place."""
    return without_unseen(value, put=" ") if isinstance(value, str) else value


Text = Annotated[str, AfterValidator(as_text)]
"""Of a person or a file: several lines at most."""
Line = Annotated[str, AfterValidator(as_line)]
"""Of a person or a file: a name, an address, one line."""
Said = Annotated[str, BeforeValidator(as_said)]
"""Of an agent, an aircraft or the dispatcher itself, over the wire."""
