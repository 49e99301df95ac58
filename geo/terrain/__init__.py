"""The ground: an elevation model read from a GeoTIFF, its heights above sea level, and what routing makes of it.

`reading` opens the file (the only place with rasterio), `elevation` has the heights, `datum` knows which sea level.
"""
