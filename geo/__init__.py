"""Pure geometry and physics: coverage, ranking, coordinates, and `geo.flight` for what flies along at the edge.

No input or output, no clock, no asyncio. Zones, terrain and routes around them come into this package.
"""
