"""Airspace documents as zones: lenient in, strict out, and nothing dropped in silence.

Authorities publish where a drone may not fly as ED-269, ED-318 or AIXM 5.1, and a force draws zones of its own as
GeoJSON or KML. `geo.airspace.reading` turns the bytes of any of them into `Zone` values together with what was
repaired, assumed or skipped and why; `geo.airspace.ed269_export` and `geo.airspace.ed318_export` write them by the
letter.
"""
