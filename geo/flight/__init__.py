"""The part of `geo` that flies along: energy, fence, corridor and plan, with the standard library alone.

The dock agent imports this package on small machines; a test reads its imports and fails on anything but the standard
library and the package itself.
"""
