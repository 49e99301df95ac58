"""The journal: every event in the order it happened, synced before it takes effect, each carrying the hash of the last.

`Journal` writes and reads, `chain` is the arithmetic of the hashes, `upcasters` read what older versions wrote.
"""

from dispatcher.journal.journal import Journal

__all__ = ["Journal"]
