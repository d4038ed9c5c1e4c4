# SPDX-License-Identifier: Apache-2.0
"""The office is told once a day, of what is urgent at once, and never more than it can read."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from agent.core.digest import MOST, Message, Told, due, parse_told
from agent.core.health import Backlog, Health, Heard
from agent.core.troubles import Trouble, Urgency
from tests.builders import NOW, TODAY

ONE, TWO = "s" * 26, "t" * 26
HEALTH = Health(
    station=ONE,
    at=NOW,
    started_at=NOW,
    every=timedelta(minutes=15),
    version="0.1.0",
    free_mebibytes=9000,
)
HELD = replace(HEALTH, held=3, quarantined=1, backlog=Backlog(waiting=2, oldest=NOW))


def told(
    before: Told,
    troubles: tuple[Trouble, ...] = (),
    heard: Health = HEALTH,
    today: date = TODAY,
) -> tuple[Message | None, Told]:
    everyone: Mapping[str, Heard] = {ONE: heard}
    return due(before, everyone, {ONE: troubles}, today)


def test_nothing_wrong_and_nothing_held_is_no_message() -> None:
    message, after = told(Told(), (Trouble.STATION_STOPPED,))
    assert message is None
    assert after == Told(day=TODAY)


def test_a_digest_tells_troubles_and_counts() -> None:
    message, _ = told(Told(), (Trouble.BACKLOG, Trouble.REGISTER_ENDS), HELD)
    assert message is not None
    assert message.subject == "Photowarden: 2 things need the office"
    for part in (Trouble.BACKLOG.sentence, Trouble.REGISTER_ENDS.remedy, "ssssss", "Held: 3."):
        assert part in message.text
    assert "Quarantined: 1. Waiting for the storage: 2. Computers: 1." in message.text
    assert ONE not in message.text


def test_held_pictures_alone_are_worth_a_digest() -> None:
    message, after = told(Told(), heard=HELD)
    assert message is not None
    assert message.subject == "Photowarden: pictures are held"
    assert told(after, heard=HELD)[0] is None


def test_a_digest_comes_once_a_day() -> None:
    _, after = told(Told(), (Trouble.REGISTER_ENDS,))
    assert told(after, (Trouble.REGISTER_ENDS, Trouble.DISK_LOW))[0] is None
    tomorrow = TODAY + timedelta(days=1)
    assert told(after, (Trouble.REGISTER_ENDS,), today=tomorrow)[0] is not None


def test_what_is_urgent_is_told_at_once_and_once() -> None:
    _, after = told(Told(), (Trouble.REGISTER_ENDS,))
    message, after = told(after, (Trouble.BACKLOG, Trouble.REGISTER_ENDS))
    assert message is not None
    assert Trouble.BACKLOG.code in message.text
    assert Trouble.REGISTER_ENDS.code not in message.text
    assert message.subject == "Photowarden: 1 thing needs the office"
    assert told(after, (Trouble.BACKLOG, Trouble.REGISTER_ENDS))[0] is None


def test_the_digest_tells_the_urgent_too() -> None:
    _, after = told(Told(), (Trouble.BACKLOG,))
    assert told(after, (Trouble.BACKLOG,))[0] is None


def test_the_same_trouble_of_another_computer_is_told() -> None:
    _, after = told(Told(), (Trouble.BACKLOG,))
    both = {ONE: (Trouble.BACKLOG,), TWO: (Trouble.BACKLOG,)}
    message, _ = due(after, {ONE: HEALTH, TWO: None}, both, TODAY)
    assert message is not None
    assert "tttttt" in message.text
    assert "ssssss" not in message.text


def test_there_are_never_more_messages_than_a_person_reads() -> None:
    now = Told()
    sent = 0
    for trouble in (t for t in Trouble if t.urgency is Urgency.NOW):
        message, now = told(now, (trouble,))
        sent += message is not None
    assert sent == MOST == 8


def test_the_most_urgent_comes_first_then_by_code_and_computer() -> None:
    troubles = (Trouble.DISK_LOW, Trouble.STATION_QUIET, Trouble.BACKLOG, Trouble.CLOCK_UNTRUSTED)
    message, _ = due(Told(), {ONE: HEALTH, TWO: HEALTH}, {TWO: troubles, ONE: troubles}, TODAY)
    assert message is not None
    found = [line for line in message.text.splitlines() if line.startswith("     computer")]
    assert found == [
        f"     computer {letter * 6}, code {trouble.code}"
        for trouble in (
            Trouble.BACKLOG,
            Trouble.CLOCK_UNTRUSTED,
            Trouble.DISK_LOW,
            Trouble.STATION_QUIET,
        )
        for letter in "st"
    ]


@pytest.mark.parametrize(
    "value", [Told(), Told(day=TODAY, messages=3, digest=True, urgent=frozenset({"a.b", "c.d"}))]
)
def test_what_was_told_is_read_as_it_was_kept(value: Told) -> None:
    assert parse_told(value.text()) == value


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[]",
        Told().text().replace(b"alerts/1", b"alerts/2"),
        Told().text().replace(b'"messages":0', b'"messages":"x"'),
        Told(day=TODAY).text().replace(b"2026-11-23", b"2026-13-23"),
        Told().text().replace(b'"urgent":[]', b'"urgent":1'),
    ],
)
def test_another_text_means_that_nothing_was_told(text: bytes) -> None:
    assert parse_told(text) == Told()
