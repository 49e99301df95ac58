"""Which sea level a model's heights are above. One that does not say is refused: an ellipsoid is 50 m off over Britain.

The geoids and levelling datums here are all mean sea level within about 1 m of each other, and of what an autopilot
reports (EGM96); the clearance above ground has to hold that metre.
"""

from __future__ import annotations

import re

SEA_LEVELS = {
    "EGM96": 5773,
    "EGM2008": 3855,
    "EGM84": 5798,
    "ODN": 5701,
    "EVRF2000": 5730,
    "EVRF2007": 5621,
    "EVRF2019": 9389,
    "NAVD88": 5703,
    "AHD": 5711,
    "DHHN2016": 7837,
    "NAP": 5709,
}
"""Names to their EPSG codes of vertical reference systems; heights in metres."""
UNNAMED = "AMSL"
"""Mean sea level, by which geoid is not said."""
_BY_CODE = {code: name for name, code in SEA_LEVELS.items()}
_SPELLINGS = {
    **{name: name for name in SEA_LEVELS},
    "EGM08": "EGM2008",
    "ODNHEIGHT": "ODN",
    "ORDNANCEDATUMNEWLYN": "ODN",
    "NEWLYN": "ODN",
    "NORTHAMERICANVERTICALDATUM1988": "NAVD88",
    "AMSL": UNNAMED,
    "MSL": UNNAMED,
    "MEANSEALEVEL": UNNAMED,
    "ORTHOMETRIC": UNNAMED,
}
_ELLIPSOIDS = ("WGS84", "ELLIPSOID", "ELLIPSOIDAL", "GRS80", "ETRS89", "HAE")
TAGS = ("VERTICAL_DATUM", "VERT_DATUM", "VERTICAL_CRS", "VERTICAL_REFERENCE")
"""Of a file or of its band: where makers of models write it."""


def sea_level_of(text: str) -> str | None:
    """A name of `SEA_LEVELS` or `UNNAMED`, of a name or EPSG code as people write them; None: it is no sea level."""
    words = re.sub(r"[^A-Z0-9]", "", text.upper())
    code = re.fullmatch(r"(?:EPSG)?(\d{4,5})", words)
    if code is not None:
        return _BY_CODE.get(int(code[1]))
    for ending in ("", "HEIGHT", "GEOID", "GEOIDHEIGHT", "HEIGHTM", "HEIGHTFT"):
        known = _SPELLINGS.get(words.removesuffix(ending) if ending else words)
        if known is not None:
            return known
    return None


def is_ellipsoid(text: str) -> bool:
    """Whether a name speaks of an ellipsoid, whose heights are nobody's sea level."""
    words = re.sub(r"[^A-Z0-9]", "", text.upper())
    return any(words.startswith(name) for name in _ELLIPSOIDS)
