"""The bytes of an XML document as elements by their local names, and nothing that XML can do beyond that.

Expat, with every document type and entity declaration refused before it takes effect: no expansion, no file, no address
is ever looked up. Size, depth and count are bounded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from geo.airspace.errors import DocumentRefused
from geo.airspace.jsondocument import check_size

MOST_ELEMENTS = 2_000_000
DEEPEST = 100


@dataclass(slots=True)
class Element:
    """A part of the document. Namespaces are left out: the formats read here need none to be told apart."""

    tag: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own text, stripped."""
        return "".join(self.pieces).strip()

    def first(self, *path: str) -> Element | None:
        """The first element down a path of names."""
        here: Element | None = self
        for name in path:
            here = next((child for child in here.children if child.tag == name), None) if here else None
        return here

    def all(self, name: str) -> list[Element]:
        """The children of a name."""
        return [child for child in self.children if child.tag == name]

    def text_of(self, *path: str) -> str:
        """Text down a path; empty where there is none."""
        found = self.first(*path)
        return found.text if found is not None else ""

    def below(self, *names: str) -> list[Element]:
        """Everything below it of these names, in the order of the document; not within each other."""
        found: list[Element] = []
        waiting = [*reversed(self.children)]
        while waiting:
            element = waiting.pop()
            if element.tag in names:
                found.append(element)
            else:
                waiting += reversed(element.children)
        return found


def parse_xml(data: bytes) -> Element:
    """The root of a document. Raises `DocumentRefused` with the line."""
    check_size(data)
    builder = _Builder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.StartDoctypeDeclHandler = _refuse_declaration
    parser.EntityDeclHandler = _refuse_declaration
    parser.ExternalEntityRefHandler = _refuse_declaration
    try:
        parser.Parse(data, True)
    except expat.ExpatError as wrong:
        raise DocumentRefused(f"it is not XML: {wrong}") from None
    except DocumentRefused:
        raise
    except (LookupError, ValueError, UnicodeError) as wrong:
        raise DocumentRefused(f"its encoding cannot be read: {wrong}") from None
    if builder.root is None:
        raise DocumentRefused("it is not XML: it has no element")
    return builder.root


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS:
            raise DocumentRefused(f"it has more than {MOST_ELEMENTS} elements")
        if len(self._open) >= DEEPEST:
            raise DocumentRefused(f"it is nested more than {DEEPEST} deep")
        element = Element(_local(name), {_local(key): value for key, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _: str) -> None:
        self._open.pop()

    def characters(self, text: str) -> None:
        self._open[-1].pieces.append(text)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _refuse_declaration(*_: Any) -> int:
    raise DocumentRefused("it declares a document type or an entity: such XML is not read")
