"""The shape of ED-269 as a JSON schema: the standard publishes none as a file, so its data model is written down here.

Names, enumerations, lengths and counts after EUROCAE ED-269, as the InterUSS project's `uas_standards` lists them. The
`UASZoneList` wrapper and its `dailyPeriod` are as the Swiss sample document has them.
"""

from __future__ import annotations

from typing import Any

SHORT = {"type": "string", "maxLength": 200}
TIME = {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d\.\d\d)?Z$"}
INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
POSITION = {
    "type": "array",
    "items": [{"type": "number", "minimum": -180, "maximum": 180}, {"type": "number", "minimum": -90, "maximum": 90}],
    "minItems": 2,
    "maxItems": 2,
}
DAILY = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["day", "startTime", "endTime"],
        "additionalProperties": False,
        "properties": {
            "day": {
                "type": "array",
                "minItems": 1,
                "maxItems": 7,
                "items": {"enum": ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN", "ANY"]},
            },
            "startTime": TIME,
            "endTime": TIME,
        },
    },
}
PROJECTION = {
    "oneOf": [
        {
            "type": "object",
            "required": ["type", "coordinates"],
            "additionalProperties": False,
            "properties": {
                "type": {"const": "Polygon"},
                "coordinates": {
                    "type": "array",
                    "minItems": 1,
                    "items": {"type": "array", "minItems": 4, "items": POSITION},
                },
            },
        },
        {
            "type": "object",
            "required": ["type", "center", "radius"],
            "additionalProperties": False,
            "properties": {
                "type": {"const": "Circle"},
                "center": POSITION,
                "radius": {"type": "number", "exclusiveMinimum": 0},
            },
        },
    ]
}
VOLUME = {
    "type": "object",
    "required": ["uomDimensions", "lowerVerticalReference", "upperVerticalReference", "horizontalProjection"],
    "additionalProperties": False,
    "properties": {
        "uomDimensions": {"enum": ["M", "FT"]},
        "lowerLimit": {"type": ["integer", "null"]},
        "lowerVerticalReference": {"enum": ["AGL", "AMSL"]},
        "upperLimit": {"type": ["integer", "null"]},
        "upperVerticalReference": {"enum": ["AGL", "AMSL"]},
        "horizontalProjection": PROJECTION,
    },
}
AUTHORITY = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": SHORT,
        "service": SHORT,
        "email": {"type": "string"},
        "contactName": SHORT,
        "siteURL": {"type": "string"},
        "phone": SHORT,
        "purpose": {"enum": ["AUTHORIZATION", "NOTIFICATION", "INFORMATION"]},
        "intervalBefore": {"type": "string"},
    },
}
REASONS = [
    "AIR_TRAFFIC",
    "SENSITIVE",
    "PRIVACY",
    "POPULATION",
    "NATURE",
    "NOISE",
    "FOREIGN_TERRITORY",
    "EMERGENCY",
    "OTHER",
]


def _zone(hours: str) -> dict[str, Any]:
    period = {
        "type": "object",
        "required": ["permanent"],
        "additionalProperties": False,
        "properties": {
            "permanent": {"enum": ["YES", "NO"]},
            "startDateTime": INSTANT,
            "endDateTime": INSTANT,
            hours: DAILY,
        },
    }
    return {
        "type": "object",
        "required": ["identifier", "country", "type", "restriction", "applicability", "zoneAuthority", "geometry"],
        "additionalProperties": False,
        "properties": {
            "identifier": {"type": "string", "minLength": 1, "maxLength": 7},
            "country": {"type": "string", "minLength": 3, "maxLength": 3},
            "name": SHORT,
            "type": {"type": "string"},
            "restriction": {"enum": ["PROHIBITED", "REQ_AUTHORISATION", "CONDITIONAL", "NO_RESTRICTION"]},
            "restrictionConditions": {"type": "string"},
            "reason": {"type": "array", "maxItems": 9, "items": {"enum": REASONS}},
            "otherReasonInfo": {"type": "string", "maxLength": 30},
            "message": SHORT,
            "applicability": {"type": "array", "minItems": 1, "items": period},
            "zoneAuthority": {"type": "array", "minItems": 1, "items": AUTHORITY},
            "geometry": {"type": "array", "minItems": 1, "items": VOLUME},
            "extendedProperties": {"type": "object"},
        },
    }


ED269: dict[str, Any] = {
    "oneOf": [
        {
            "type": "object",
            "required": ["features"],
            "additionalProperties": False,
            "properties": {
                "title": {"type": "string"},
                "description": {"type": "string"},
                "features": {"type": "array", "items": _zone("schedule")},
            },
        },
        {
            "type": "object",
            "required": ["formatVersion", "createdAt", "UASZoneList"],
            "additionalProperties": False,
            "properties": {
                "formatVersion": {"const": "1.0.0"},
                "createdAt": INSTANT,
                "UASZoneList": {"type": "array", "items": _zone("dailyPeriod")},
            },
        },
    ]
}
