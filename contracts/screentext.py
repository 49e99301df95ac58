"""Which characters no text that goes onto a screen may hold: those that are not seen, but change what is seen.

One rule for the API, which refuses them, and for the feeds, which take them out. An override of the writing direction
(U+202E) makes another address of the one on the send button; a zero-width character makes two names look like one.
"""

from __future__ import annotations

import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's general categories: controls, formats, lone surrogates, separators of lines and of paragraphs."""
LAYOUT = "\t\n\r\u200c\u200d"
"""What a text of several lines may hold of them: tabs, ends of lines, the joiners that some scripts need."""


def unseen_in(text: str, *, allowed: str = LAYOUT) -> str | None:
    """The first character that may not stand there, as people look it up (``U+202E``); None where there is none."""
    found = next((char for char in text if _is_unseen(char, allowed)), None)
    return None if found is None else f"U+{ord(found):04X}"


def without_unseen(text: str, *, put: str = "", allowed: str = LAYOUT) -> str:
    """The text with ``put`` in the place of each of them."""
    return "".join(put if _is_unseen(char, allowed) else char for char in text)


def _is_unseen(char: str, allowed: str) -> bool:
    return char not in allowed and unicodedata.category(char) in _UNSEEN
