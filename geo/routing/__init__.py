"""The fastest legal way: around zones or over and under them, above the terrain, below the ceiling, in today's wind.

Pure like the rest of `geo`. Zones come in as `Obstacle`, are prepared once for an area, and every route through them is
a value; so is its absence, which names the zones that are in the way.
"""
