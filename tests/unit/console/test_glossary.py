"""The console has one plain phrase for every word that the API may say."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import pytest

from contracts.orders import SafetyAction
from contracts.tasks import Task
from contracts.vocabulary import AlarmKind, Charger, Condition, DockState, Lid, Outcome, Phase, Traffic
from dispatcher.decision.reason import BlockerCode, ReasonCode
from dispatcher.live.protocol import CloseCode
from docs.api_reference import problem_slugs

TEXT = (Path(__file__).parents[3] / "console" / "src" / "lib" / "glossary.json").read_text(encoding="utf-8")
GLOSSARY = json.loads(TEXT)

WORDS: dict[str, Iterable[str]] = {
    "phase": list(Phase),
    "condition": list(Condition),
    "reason": list(ReasonCode),
    "blocker": list(BlockerCode),
    "alarm": list(AlarmKind),
    "outcome": list(Outcome),
    "dock": list(DockState),
    "lid": list(Lid),
    "charger": list(Charger),
    "traffic": list(Traffic),
    "problem": problem_slugs(),
    "link": [str(int(code)) for code in CloseCode],
    "action": [*SafetyAction, *(kind.model_fields["type"].default for kind in get_args(get_args(Task)[0]))],
}


def test_no_word_is_written_twice_of_which_the_first_would_be_lost() -> None:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        assert sorted(set(keys)) == sorted(keys), "a word stands twice"
        return dict(pairs)

    assert json.loads(TEXT, object_pairs_hook=once) == GLOSSARY


def test_every_vocabulary_is_held_against_its_source() -> None:
    assert set(WORDS) == set(GLOSSARY)


@pytest.mark.parametrize("vocabulary", sorted(WORDS))
def test_each_word_has_a_phrase_and_no_phrase_is_of_a_word_that_is_gone(vocabulary: str) -> None:
    assert set(GLOSSARY[vocabulary]) == {str(word) for word in WORDS[vocabulary]}


def test_a_phrase_is_plain_and_one_means_one_thing() -> None:
    for vocabulary, phrases in GLOSSARY.items():
        assert len(set(phrases.values())) >= len(phrases) - 2, f"{vocabulary}: phrases that cannot be told apart"
        for word, phrase in phrases.items():
            assert phrase, word
            assert phrase[0].isupper(), word
            assert "_" not in phrase, word
