"""Draws the pictures of the documentation: `make docs`. Standard library only, the same bytes each time."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

IMAGES = Path(__file__).parent / "images"
INK, QUIET, PAPER = "#1b2733", "#5b6b7b", "#ffffff"
FILLS = {"ours": "#e3eef9", "edge": "#e6f4e4", "real": "#f6ecdb", "people": "#f1e8f6", "store": "#ececec"}


class Picture:
    """An SVG made of boxes, arrows and words; all measures in pixels."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self._size = (width, height)
        self._parts = [f"<title>{escape(title)}</title>", f'<rect width="{width}" height="{height}" fill="{PAPER}"/>']

    def box(self, x: int, y: int, w: int, h: int, fill: str, name: str, *lines: str) -> None:
        """A box with a name and smaller lines under it."""
        self._parts.append(
            f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="8" fill="{FILLS[fill]}" stroke="{INK}"/>'
        )
        top = y + h / 2 - 9 * len(lines) + 5
        self.words(x + w / 2, top, name, bold=True)
        for number, line in enumerate(lines, start=1):
            self.words(x + w / 2, top + 18 * number, line, colour=QUIET, size=12)

    def words(
        self,
        x: float,
        y: float,
        text: str,
        *,
        bold: bool = False,
        colour: str = INK,
        size: int = 14,
        at: str = "middle",
    ) -> None:
        """One line of text."""
        weight = ' font-weight="600"' if bold else ""
        self._parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}" text-anchor="{at}"{weight}>'
            f"{escape(text)}</text>"
        )

    def arrow(self, x1: int, y1: int, x2: int, y2: int, label: str = "", *, both: bool = False, dy: int = -8) -> None:
        """A line with a head at its end, or at both."""
        start = ' marker-start="url(#back)"' if both else ""
        self._parts.append(
            f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{INK}" stroke-width="1.5"'
            f' marker-end="url(#head)"{start}/>'
        )
        if label:
            if x1 == x2:
                self.words(x1 + 8, (y1 + y2) / 2 + 4, label, colour=QUIET, size=12, at="start")
            else:
                self.words((x1 + x2) / 2, (y1 + y2) / 2 + dy, label, colour=QUIET, size=12)

    def frame(self, x: int, y: int, w: int, h: int, label: str) -> None:
        """A dashed frame around what runs in one place."""
        self._parts.append(
            f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="12" fill="none" stroke="{QUIET}"'
            ' stroke-dasharray="5 4"/>'
        )
        self.words(x + 12, y + 20, label, colour=QUIET, size=12, at="start")

    def write(self, path: Path) -> None:
        """Write the file."""
        width, height = self._size
        heads = (
            '<defs><marker id="head" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">'
            f'<path d="M0,0 L9,4 L0,8 z" fill="{INK}"/></marker>'
            '<marker id="back" markerWidth="9" markerHeight="8" refX="1" refY="4" orient="auto">'
            f'<path d="M9,0 L0,4 L9,8 z" fill="{INK}"/></marker></defs>'
        )
        path.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
            f' font-family="system-ui, sans-serif">\n{heads}\n' + "\n".join(self._parts) + "\n</svg>\n",
            encoding="utf-8",
        )


def architecture() -> None:
    """The processes, who speaks to whom, and in what."""
    picture = Picture(1010, 500, "Kestrel's processes and the protocols between them")
    picture.frame(231, 60, 222, 410, "control room")
    picture.frame(568, 60, 155, 410, "at each dock")
    picture.box(20, 110, 140, 64, "people", "Feeds", "CAD, NENA EIDO")
    picture.box(20, 230, 140, 64, "people", "Clients", "console, tablets")
    picture.box(20, 350, 140, 64, "people", "Token issuer", "local, later OIDC")
    picture.box(
        240, 110, 200, 184, "ours", "dispatcher", "decides and records", "public API, live hub", "never speaks MAVLink"
    )
    picture.box(240, 360, 200, 64, "store", "journal", "SQLite or PostgreSQL")
    picture.box(478, 150, 70, 100, "store", "MQTT", "broker")
    picture.box(580, 110, 135, 184, "edge", "dock_agent", "guards, flies,", "comes home with", "nobody else there")
    picture.box(580, 360, 135, 64, "store", "outbox", "SQLite")
    picture.box(810, 110, 150, 64, "real", "PX4", "real or simulated")
    picture.box(810, 230, 150, 64, "real", "Dock hardware", "lid, charger, weather")
    picture.arrow(160, 142, 240, 142, "HTTP")
    picture.arrow(160, 262, 240, 262, "HTTP, WS", both=True)
    picture.arrow(160, 370, 240, 285, "JWKS", dy=24)
    picture.arrow(340, 294, 340, 360, "synced append")
    picture.arrow(440, 200, 478, 200, both=True)
    picture.arrow(548, 200, 580, 200, both=True)
    picture.words(513, 140, "signed", colour=QUIET, size=12)
    picture.arrow(648, 294, 648, 360, both=True)
    picture.arrow(715, 142, 810, 142, "MAVLink", both=True)
    picture.arrow(715, 262, 810, 262, "Modbus TCP", both=True)
    picture.words(885, 330, "The simulator speaks the same", colour=QUIET, size=12)
    picture.words(885, 348, "two protocols, so nothing in the", colour=QUIET, size=12)
    picture.words(885, 366, "product knows it is simulated.", colour=QUIET, size=12)
    picture.words(490, 32, "Kestrel: decide in the control room, guard and fly at the dock", bold=True, size=16)
    picture.write(IMAGES / "architecture.svg")


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    architecture()
