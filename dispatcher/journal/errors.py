"""The errors of the journal.

JournalError
├── UnsupportedUrl       the database URL names nothing that can hold a journal
├── JournalInUse         another process writes to this journal
├── JournalTooNew        the tables were made by a newer version than this one
├── WrongForce           the journal belongs to another force
├── WriterLost           this process can be the journal's writer no more: only a restart, a new fold, helps
│   └── HeadMoved        the journal does not end where the writer believes
├── UnwritableEvent      an event that could not be read back, refused before anything was written
├── UnreadableEvent      a record that this version cannot read
├── ReadOnly             an append to a journal that was opened for reading
└── JournalUnavailable   the database failed: nothing of the append may be taken for written
"""

from __future__ import annotations


class JournalError(Exception):
    """Base of all errors of this package; its text is fit for the person at the terminal."""


class UnsupportedUrl(JournalError):
    """The database URL names nothing that can hold a journal."""


class JournalInUse(JournalError):
    """Another process writes to this journal; there is one writer."""

    def __init__(self, where: str) -> None:
        super().__init__(f"the journal {where} is in use by another dispatcher: stop that one first")
        self.where = where


class JournalTooNew(JournalError):
    """The tables were made by a newer version than this one."""

    def __init__(self, found: str) -> None:
        super().__init__(f"the journal is at schema {found!r}, which this version does not know: use a newer Kestrel")
        self.found = found


class WrongForce(JournalError):
    """The journal belongs to another force: one journal, one force."""

    def __init__(self, *, found: str, expected: str) -> None:
        super().__init__(f"the journal belongs to force {found!r}, not to {expected!r}: give each force its own")
        self.found = found
        self.expected = expected


class WriterLost(JournalError):
    """This process can be the journal's writer no more: its lock or its knowledge of the journal's end is gone."""


class HeadMoved(WriterLost):
    """The journal does not end where the writer believes: its state is not a fold of the journal any more."""

    def __init__(self, *, expected_seq: int, last_seq: int) -> None:
        super().__init__(f"the journal ends at {last_seq}, the writer expected {expected_seq}")
        self.expected_seq = expected_seq
        self.last_seq = last_seq


class UnwritableEvent(JournalError):
    """An event that has no canonical form or could not be read back; nothing was written."""

    def __init__(self, type_name: str, why: str) -> None:
        super().__init__(f"{type_name}: {why}")
        self.type_name = type_name
        self.why = why


class UnreadableEvent(JournalError):
    """A record that this version cannot read."""

    def __init__(self, *, seq: int, type_name: str, why: str) -> None:
        super().__init__(f"event {seq} ({type_name}): {why}")
        self.seq = seq
        self.type_name = type_name
        self.why = why


class ReadOnly(JournalError):
    """An append to a journal that was opened for reading."""


class JournalUnavailable(JournalError):
    """The database failed; nothing of the append may be taken for written until the journal was read again."""
