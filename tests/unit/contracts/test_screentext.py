"""What is not seen, but changes what is seen, stands in no text that goes onto a screen."""

from __future__ import annotations

import re

import pytest

from contracts import screentext
from contracts.screentext import as_line, as_text, unseen_in, without_unseen


@pytest.mark.parametrize(
    "char",
    ["\x00", "\x7f", "\x85", "\xad", "\u200b", "\u200f", "\u202e", "\u2028", "\u2029", "\u2066", "\ufeff", "\ud800"],
)
def test_controls_formats_and_separators_are_found_and_taken_out(char: str) -> None:
    assert unseen_in(f"14{char} High Street") == f"U+{ord(char):04X}"
    assert without_unseen(f"14{char} High Street") == "14 High Street"
    assert without_unseen(f"14{char}High Street", put=" ") == "14 High Street"


@pytest.mark.parametrize(
    "text", ["14A High Street", "Łódź, ul. Piotrkowska 1", "شارع 14", "大通り 3", "Café\N{NO-BREAK SPACE}Noir", ""]
)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert unseen_in(text) is None
    assert without_unseen(text) == text


def test_lines_tabs_and_joiners_are_for_texts_of_several_lines_alone() -> None:
    assert unseen_in("a\tb\r\nc") is None
    assert unseen_in("می\u200cخواهم \U0001f468\u200d\U0001f692") is None
    assert unseen_in("می\u200cخواهم", allowed="") == "U+200C"
    assert unseen_in("a\nb", allowed="") == "U+000A"


@pytest.mark.parametrize(
    "char",
    [
        "\u034f",  # combining grapheme joiner: a mark
        "\u115f",  # Hangul fillers: letters
        "\u1160",
        "\u3164",
        "\uffa0",
        "\u17b4",  # Khmer inherent vowels
        "\u180b",  # a Mongolian variation selector
        "\u2065",  # reserved
        "\u2800",  # braille without a dot
        "\ufe00",
        "\U0001d173",
        "\U000e0100",  # variation selectors supplement
        "\U000e0fff",
    ],
)
def test_what_is_drawn_as_nothing_makes_no_second_name_that_looks_like_the_first(char: str) -> None:
    assert unseen_in(f"K{char}1") == f"U+{ord(char):04X}"
    assert without_unseen(f"K{char}1") == "K1"
    for rule in (as_line, as_text):
        with pytest.raises(ValueError, match=re.escape(f"U+{ord(char):04X}")):
            rule(f"K{char}1")


def test_an_emoji_stays_in_a_text_of_several_lines_and_makes_no_name() -> None:
    emoji = "\u26a0\ufe0f ice on the lid \u2764\ufe0f\u200d\U0001f525"
    assert as_text(emoji) == emoji
    with pytest.raises(ValueError, match=r"one line.*U\+FE0F"):
        as_line(emoji)


def test_the_code_points_next_to_those_drawn_as_nothing_are_seen() -> None:
    for char in "\u034e\u0350\u115e\u1161\u17b3\u17b6\u3163\u3165\uff9f\u27ff\u2801\ufe10":
        assert as_line(f"K{char}1") == f"K{char}1"


def test_they_are_as_many_as_unicode_counts() -> None:
    assert sum(last - first + 1 for first, last in screentext._IGNORABLE) == 4174
    assert all(unseen_in(chr(last), allowed="") for span in screentext._IGNORABLE for last in span)
