"""What is not seen, but changes what is seen, stands in no text that goes onto a screen."""

from __future__ import annotations

import pytest

from contracts.screentext import unseen_in, without_unseen


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
