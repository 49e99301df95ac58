"""Which decision this is: a number that goes up whenever the same inputs may come to other figures.

A record names the version that came to it, so that who derives it again with another one knows why figures differ.
"""

from __future__ import annotations

VERSION = 10
"""Up to 5 the number of the record's schema. 6: searches for ways tell more of what nothing they may yet find can beat,
so that options behind the best eight of a large fleet are told later, and truer. 7: on a leg only speeding up and
slowing down is paid as dearly as hanging. 8: a figure that is over its limit by less than half a tenth is told as the
next tenth beyond it, not as the limit itself. 9: over an elevation model heights are those on a grid that take the
least time. 10: reasons name no flight by its id, and count each pilot once.
"""
