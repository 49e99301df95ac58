"""Topics: exactly ours, or refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import TopicError
from contracts.topics import Channel, Topic


@pytest.mark.parametrize("channel", list(Channel))
def test_a_topic_reads_back_as_it_was_written(channel: Channel) -> None:
    topic = Topic("west-midlands", "cov-1", channel)
    assert Topic.parse(str(topic)) == topic


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "kestrel/v1/wmp/cov-1",
        "kestrel/v2/wmp/cov-1/order",
        "kestrel/v1/wmp/cov-1/order/extra",
        "kestrel/v1/wmp/+/order",
        "kestrel/v1/#/cov-1/order",
        "kestrel/v1/WMP/cov-1/order",
        "kestrel/v1/wmp/cov-1/arm",
        "kestrel/v1/wmp//order",
        "kestrel/v1/wmp/cov-1\n/order",
        "kestrel/v1/wmp/cov-1\x00/order",
    ],
)
def test_what_is_not_exactly_ours_is_refused(topic: str) -> None:
    with pytest.raises(TopicError):
        Topic.parse(topic)


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    with contextlib.suppress(TopicError):
        assert str(Topic.parse(text)) == text
