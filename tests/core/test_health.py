# SPDX-License-Identifier: Apache-2.0
"""A computer's health: one text for one value, and judged by who reads it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.canonical import decode, encode
from agent.core.health import (
    AHEAD,
    BACKLOG_AGE,
    ENDS_SOON,
    GAP_SHOWN,
    LATE,
    SILENT,
    Backlog,
    Gap,
    Health,
    gap_between,
    judge,
    own_troubles,
    parse_health,
)
from agent.core.troubles import Trouble, Urgency, in_order
from agent.core.troubles_page import troubles_page
from tests.builders import NOW
from tests.shared import REPOSITORY

STATION = "s" * 26
SECOND = timedelta(seconds=1)
EVERY = timedelta(minutes=15)
WELL = Health(
    station=STATION,
    at=NOW,
    started_at=NOW - timedelta(hours=3),
    every=EVERY,
    version="0.1.0",
    register_version=4,
    register_until=NOW + timedelta(days=100),
    free_mebibytes=50_000,
)
FULL = replace(
    WELL,
    stopping=True,
    held=3,
    quarantined=1,
    backlog=Backlog(waiting=2, oldest=NOW - EVERY, blocked=1, oldest_blocked=NOW - EVERY),
    gap=Gap(since=NOW - 9 * SILENT, until=NOW - 8 * SILENT, cut=True),
    seen=(Trouble.VAULT_AWAY, Trouble.CLOCK_UNTRUSTED),
)


def judged(health: Health, later: timedelta = timedelta(), newest: int = 0) -> set[Trouble]:
    return set(judge({STATION: health}, NOW + later, newest)[STATION])


def test_a_computer_that_is_well_has_no_trouble() -> None:
    assert judged(WELL) == set()


@pytest.mark.parametrize(
    ("spoilt", "trouble"),
    [
        ({"stopping": True}, Trouble.STATION_STOPPED),
        ({"at": NOW + AHEAD + SECOND}, Trouble.STATION_AHEAD),
        ({"at": NOW - LATE * EVERY - SECOND}, Trouble.STATION_QUIET),
        ({"at": NOW - SILENT}, Trouble.STATION_SILENT),
        ({"at": NOW - SILENT, "stopping": True}, Trouble.STATION_SILENT),
        ({"register_until": NOW + ENDS_SOON - SECOND}, Trouble.REGISTER_ENDS),
        ({"register_until": NOW - SECOND}, Trouble.REGISTER_STALE),
        ({"backlog": Backlog(waiting=1, oldest=NOW - BACKLOG_AGE - SECOND)}, Trouble.BACKLOG),
        (
            {"backlog": Backlog(blocked=1, oldest_blocked=NOW - BACKLOG_AGE - SECOND)},
            Trouble.ORIGINALS_BLOCKED,
        ),
        ({"free_mebibytes": 1023}, Trouble.DISK_LOW),
        ({"free_mebibytes": 63}, Trouble.DISK_FULL),
        ({"gap": Gap(since=NOW - 2 * SILENT, until=NOW, cut=False)}, Trouble.AGENT_GAP),
        ({"seen": (Trouble.DETECTOR_MISSING,)}, Trouble.DETECTOR_MISSING),
    ],
)
def test_one_spoilt_thing_is_the_only_trouble(spoilt: dict[str, Any], trouble: Trouble) -> None:
    assert judged(replace(WELL, **spoilt)) == {trouble}


@pytest.mark.parametrize(
    "edge",
    [
        {"at": NOW + AHEAD},
        {"at": NOW - LATE * EVERY},
        {"register_until": NOW + ENDS_SOON},
        {"backlog": Backlog(waiting=1, oldest=NOW - BACKLOG_AGE)},
        {"backlog": Backlog(blocked=1, oldest_blocked=NOW - BACKLOG_AGE)},
        {"free_mebibytes": 1024},
        {"gap": Gap(since=NOW - 9 * SILENT, until=NOW - GAP_SHOWN, cut=False)},
        {"register_version": None, "register_until": None},
    ],
)
def test_at_the_edge_there_is_no_trouble_yet(edge: dict[str, Any]) -> None:
    assert judged(replace(WELL, **edge)) == set()


def test_a_full_disk_is_not_a_low_one_too() -> None:
    assert judged(replace(WELL, free_mebibytes=64)) == {Trouble.DISK_LOW}


def test_the_reader_notices_a_register_that_ran_out_meanwhile() -> None:
    until = WELL.register_until
    assert until is not None
    assert Trouble.REGISTER_STALE in judged(WELL, until - NOW + SECOND)
    assert Trouble.REGISTER_STALE not in judged(WELL, until - NOW)


def test_an_older_register_than_anyone_else_has_is_behind() -> None:
    other = replace(WELL, station="t" * 26, register_version=5)
    found = judge({STATION: WELL, "t" * 26: other}, NOW)
    assert found == {STATION: (Trouble.REGISTER_BEHIND,), "t" * 26: ()}
    assert judged(WELL, newest=5) == {Trouble.REGISTER_BEHIND}
    assert judged(WELL, newest=4) == set()


@pytest.mark.parametrize(
    ("heard", "trouble"),
    [(None, Trouble.STATION_UNHEARD), (Trouble.STATION_UNTRUSTED, Trouble.STATION_UNTRUSTED)],
)
def test_a_computer_without_health_is_a_trouble(heard: Trouble | None, trouble: Trouble) -> None:
    assert judge({STATION: heard}, NOW) == {STATION: (trouble,)}


def test_a_register_that_ends_this_very_moment_has_not_ended() -> None:
    assert judged(replace(WELL, register_until=NOW)) == {Trouble.REGISTER_ENDS}


def test_computers_without_a_register_make_no_other_late() -> None:
    none = replace(WELL, register_version=None, register_until=None)
    first = replace(WELL, station="t" * 26, register_version=0)
    assert judge({STATION: none, "t" * 26: first}, NOW) == {STATION: (), "t" * 26: ()}
    assert judge({STATION: none}, NOW) == {STATION: ()}


def test_the_times_are_those_of_the_documents() -> None:
    assert timedelta(days=3) == SILENT
    assert timedelta(minutes=10) == AHEAD
    assert timedelta(days=1) == BACKLOG_AGE
    assert timedelta(days=14) == ENDS_SOON == GAP_SHOWN
    assert LATE == 4


def test_nothing_is_counted_that_nobody_counted() -> None:
    assert (WELL.held, WELL.quarantined, WELL.stopping, WELL.gap, WELL.seen) == (
        0,
        0,
        False,
        None,
        (),
    )
    assert WELL.backlog == Backlog(waiting=0, oldest=None, blocked=0, oldest_blocked=None)


def test_own_troubles_need_no_clock_of_a_reader() -> None:
    ill = replace(WELL, free_mebibytes=1, register_until=NOW - SECOND)
    assert own_troubles(ill) == (Trouble.DISK_FULL, Trouble.REGISTER_STALE)


def test_a_pause_of_three_days_is_a_gap_and_a_shorter_one_is_not() -> None:
    assert gap_between(NOW - SILENT + SECOND, NOW, stopped=True) is None
    gap = gap_between(NOW - SILENT, NOW, stopped=False)
    assert gap == Gap(since=NOW - SILENT, until=NOW, cut=True)
    assert gap_between(NOW - SILENT, NOW, stopped=True) == replace(gap, cut=False)


STOPPED = replace(FULL, gap=Gap(since=NOW - 9 * SILENT, until=NOW - 8 * SILENT, cut=False))


@pytest.mark.parametrize("health", [WELL, FULL, STOPPED])
def test_a_health_is_read_as_it_was_written(health: Health) -> None:
    assert parse_health(health.text()) == health


def plain_of(health: Health) -> dict[str, Any]:
    plain = decode(health.text().removesuffix("\n").encode())
    assert isinstance(plain, Mapping)
    return dict(plain)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"format": "photowarden-health/2"},
        {"station": "Amara"},
        {"station": 1},
        {"at": "2026-11-23 12:00:00"},
        {"at": None},
        {"version": "Amara Okafor"},
        {"version": "3B"},
        {"held": -1},
        {"held": True},
        {"held": "3"},
        {"register_version": "4"},
        {"troubles": ["amara.okafor"]},
        {"troubles": "vault.unavailable"},
        {"troubles": [1]},
        {"stopping": 1},
        {"gap_cut": "yes"},
        {"gap_until": None},
        {"every_seconds": 10**15},
        {"note": "Amara Okafor"},
    ],
)
def test_a_health_with_anything_else_in_it_is_refused(spoilt: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_health(encode({**plain_of(FULL), **spoilt}).decode() + "\n")


@pytest.mark.parametrize("name", sorted(plain_of(WELL)))
def test_no_field_of_a_health_may_be_absent(name: str) -> None:
    plain = plain_of(WELL)
    del plain[name]
    with pytest.raises(ValueError, match=r"."):
        parse_health(encode(plain).decode() + "\n")


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_fail_otherwise(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_health(text)


def test_troubles_stand_once_each_and_the_most_urgent_first() -> None:
    mixed = [Trouble.STATION_STOPPED, Trouble.DISK_LOW, Trouble.BACKLOG, Trouble.DISK_LOW]
    assert in_order(mixed) == (Trouble.BACKLOG, Trouble.DISK_LOW, Trouble.STATION_STOPPED)


@pytest.mark.parametrize("trouble", Trouble)
def test_a_trouble_says_what_is_wrong_and_what_to_do(trouble: Trouble) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", trouble.code)
    assert trouble.sentence.endswith(".")
    assert trouble.remedy.endswith(".")
    assert trouble.urgency in Urgency
    assert Trouble.of(trouble.code) is trouble


def test_no_two_troubles_share_a_code() -> None:
    assert len({trouble.code for trouble in Trouble}) == len(Trouble)


def test_an_unknown_trouble_is_refused() -> None:
    with pytest.raises(ValueError, match="not on the list"):
        Trouble.of("amara.okafor")


def test_the_page_is_up_to_date() -> None:
    assert (REPOSITORY / "docs" / "troubles.md").read_text("utf-8") == troubles_page()
