"""Places as people say them: latitude and longitude in many spellings, British grid references, eastings and northings.

What is read is a point and how far from it the truth may be: a drone is sent to search a circle, not a pretended point.
"""
