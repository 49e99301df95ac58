"""The bookkeeping of what has been published: order, tombstones, and how far back it can tell."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.live.ledger import Key, Ledger
from dispatcher.presentation import View

BOTH = (View.CONTROL, View.FIELD)


def _put(ledger: Ledger, name: str, value: int, *views: View) -> bool:
    key = Key("dock", name)
    return ledger.put(key, {view: str(value) for view in views or BOTH}, quoted_id=json.dumps(name))


def test_an_unchanged_entity_is_not_published_again() -> None:
    ledger = Ledger()
    assert _put(ledger, "a", 1)
    assert not _put(ledger, "a", 1)
    assert _put(ledger, "a", 2)
    assert ledger.seq == 2


def test_what_changed_since_is_told_once_with_the_latest_value() -> None:
    ledger = Ledger()
    for value in range(3):
        _put(ledger, "a", value)
        _put(ledger, "b", value)
    assert [json.loads(part) for part in ledger.changed_since(2, View.CONTROL)] == [
        {"kind": "dock", "id": "a", "seq": 5, "data": 2},
        {"kind": "dock", "id": "b", "seq": 6, "data": 2},
    ]
    assert ledger.changed_since(6, View.CONTROL) == []


def test_a_view_is_told_of_what_it_saw_and_of_nothing_else() -> None:
    ledger = Ledger()
    _put(ledger, "a", 1, View.CONTROL)
    _put(ledger, "b", 1)
    ledger.remove(Key("dock", "a"))
    ledger.remove(Key("dock", "b"))
    assert ledger.removed_since(0, View.FIELD) == [(Key("dock", "b"), 4)]
    assert ledger.removed_since(0, View.CONTROL) == [(Key("dock", "a"), 3), (Key("dock", "b"), 4)]


def test_an_entity_that_comes_back_has_no_tombstone_any_more() -> None:
    ledger = Ledger()
    _put(ledger, "a", 1)
    ledger.remove(Key("dock", "a"))
    _put(ledger, "a", 1)
    assert ledger.removed_since(0, View.CONTROL) == []
    assert len(ledger.changed_since(2, View.CONTROL)) == 1


def test_who_is_behind_the_oldest_tombstone_needs_a_snapshot() -> None:
    ledger = Ledger(kept_tombstones=2)
    for name in "abc":
        _put(ledger, name, 1)
    assert ledger.covers(0)
    for name in "abc":
        ledger.remove(Key("dock", name))
    assert not ledger.covers(0)
    assert not ledger.covers(3)
    assert ledger.covers(4), "the removal of a was number 4: who has seen it misses nothing"
    assert not ledger.covers(ledger.seq + 1), "the future of another life"


STEPS = st.lists(st.tuples(st.sampled_from("abcd"), st.none() | st.integers(0, 3)), max_size=40)


@given(STEPS, STEPS)
def test_a_client_that_resumes_anywhere_ends_where_a_snapshot_does(
    before: list[tuple[str, int | None]], after: list[tuple[str, int | None]]
) -> None:
    ledger = Ledger(kept_tombstones=3)

    def take(steps: list[tuple[str, int | None]]) -> None:
        for name, value in steps:
            if value is None:
                ledger.remove(Key("dock", name))
            else:
                # Odd values are not for the field.
                _put(ledger, name, value, *(BOTH if name in "ab" else (View.CONTROL,)))

    def everything(view: View) -> dict[str, Any]:
        return {part["id"]: part["data"] for part in map(json.loads, ledger.everything(view))}

    take(before)
    seq = ledger.seq
    known = {view: everything(view) for view in BOTH}
    take(after)
    for view in BOTH:
        if not ledger.covers(seq):
            continue
        for part in map(json.loads, ledger.changed_since(seq, view)):
            known[view][part["id"]] = part["data"]
        for key, _ in ledger.removed_since(seq, view):
            known[view].pop(key.id, None)
        assert known[view] == everything(view)
