"""Which characters no text that goes onto a screen may hold: those that are not seen, but change what is seen.

One rule for the API and the files of a force, which refuse them, and for feeds and machines, whose texts are taken
without them. An override of the writing direction (U+202E) makes another address of the one on the send button; a
zero-width character, or a letter that is drawn as nothing (U+3164), makes two names look like one.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's general categories: controls, formats, lone surrogates, separators of lines and of paragraphs."""
_IGNORABLE = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
"""First and last code points of Default_Ignorable_Code_Point, which fonts draw as nothing: fillers that count as
letters, variation selectors, what is reserved for more of them. Source: Unicode Character Database 14.0,
DerivedCoreProperties.txt (4174 code points); `unicodedata` does not have the property.
"""
_BLANK = 0x2800
"""The braille pattern without a dot: no space by its category, and drawn as one."""
_DRAWN_AS_NOTHING = re.compile("".join(("[", *(f"{chr(a)}-{chr(b)}" for a, b in _IGNORABLE), chr(_BLANK), "]")))
LAYOUT = "\t\n\r\u200c\u200d\ufe0e\ufe0f"
"""What a text of several lines may hold of them: tabs, ends of lines, the joiners that some scripts need, and what a
keyboard puts behind an emoji or a sign to say which of the two it is.
"""


def unseen_in(text: str, *, allowed: str = LAYOUT) -> str | None:
    """The first character that may not stand there, as people look it up (``U+202E``); None where there is none."""
    if _is_all_seen(text):
        return None
    found = next((char for char in text if _is_unseen(char, allowed)), None)
    return None if found is None else f"U+{ord(found):04X}"


def without_unseen(text: str, *, put: str = "", allowed: str = LAYOUT) -> str:
    """The text with ``put`` in the place of each of them."""
    if _is_all_seen(text):
        return text
    return "".join(put if _is_unseen(char, allowed) else char for char in text)


def _is_all_seen(text: str) -> bool:
    """True of most texts, and soon told: nothing of these categories is printable."""
    return text.isprintable() and (text.isascii() or _DRAWN_AS_NOTHING.search(text) is None)


def _is_unseen(char: str, allowed: str) -> bool:
    if char in allowed:
        return False
    return unicodedata.category(char) in _UNSEEN or _DRAWN_AS_NOTHING.match(char) is not None


def as_text(value: str) -> str:
    """Of several lines; raises `ValueError` naming the character that may not stand there."""
    unseen = unseen_in(value)
    if unseen is not None:
        raise ValueError(f"must not hold control characters, seen or unseen: {unseen} is one")
    return value


def as_line(value: str) -> str:
    """One line; raises `ValueError`."""
    unseen = unseen_in(as_text(value), allowed="")
    if unseen is not None:
        raise ValueError(f"must be one line, without tabs, joiners and variation selectors: {unseen} is one")
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
