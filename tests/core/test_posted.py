# SPDX-License-Identifier: Apache-2.0
"""Acts that travel: one text for one act, bound to vault, station and item; an older word loses."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from agent.core.attribution import NOTHING_SAID, Present
from agent.core.canonical import encode
from agent.core.desk import Act, Erase, Freeze, Release, SayAbsent, SayPresent, Seen
from agent.core.posted import AHEAD, Posted, is_ahead, is_overtaken, may_wait, parse_posted
from tests.builders import AMARA, BEN, CASE, HEAD, NOW, an_item

ACTS: list[Act] = [
    Freeze(case=CASE, concerns_head=True),
    Release(case=CASE, reference="WS-2026-004711"),
    SayPresent(case=CASE, people=(AMARA,), present=Present(visitors=1, too_small=(4, 5))),
    SayPresent(case=CASE, people=(), present=NOTHING_SAID),
    SayAbsent(case=CASE, people=(BEN,)),
    Seen(case=CASE),
    Erase(case=CASE, proposed_by=HEAD),
]


def posted(act: Act = ACTS[0]) -> Posted:
    return Posted(vault="v" * 26, station="s" * 26, item=an_item(act))


@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_read_as_it_was_posted(act: Act) -> None:
    assert parse_posted(posted(act).text()) == posted(act)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "photowarden-post/2"},
        {"vault": 1},
        {"station": None},
        {"item": []},
        {"item": {"id": "x"}},
        {"more": "field"},
        {"item": {**json.loads(posted().text())["item"], "name": "Amara"}},
        {"item": {**json.loads(posted().text())["item"], "by": 7}},
        {"item": {**json.loads(posted().text())["item"], "at": "2026-11-02T10:00:00"}},
    ],
)
def test_what_does_not_fit_exactly_is_refused(change: dict[str, object]) -> None:
    plain = {**json.loads(posted().text()), **change}
    with pytest.raises(ValueError, match=r"."):
        parse_posted(encode(plain).decode() + "\n")


@pytest.mark.parametrize(
    "text", ["", "\n", "{}\n", "7\n", posted().text() + "\n", " " + posted().text()]
)
def test_what_is_no_text_of_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_posted(text)


def test_only_a_clock_that_is_far_ahead_is_ahead() -> None:
    item = an_item(ACTS[0])
    assert not is_ahead(replace(item, at=NOW + AHEAD), NOW)
    assert is_ahead(replace(item, at=NOW + AHEAD + timedelta(microseconds=1)), NOW)


def test_a_newer_word_of_somebody_else_overtakes() -> None:
    item, later = an_item(ACTS[0]), NOW + timedelta(microseconds=1)
    assert is_overtaken(item, [("other", later)])
    assert not is_overtaken(item, [("other", NOW)])
    assert not is_overtaken(item, [(item.id, later)])
    assert not is_overtaken(item, [])


def test_only_a_freeze_never_waits() -> None:
    assert [act for act in ACTS if not may_wait(an_item(act))] == ACTS[:1]
