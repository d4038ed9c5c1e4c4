# SPDX-License-Identifier: Apache-2.0
"""A refusal sticks to copies of a scene, a near match only tightens, and nothing else spreads."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core import copies as module
from agent.core.attribution import NOBODY_ELSE, Context, Said
from agent.core.clues import ClueMaker
from agent.core.concerns import Concern, Verdict
from agent.core.copies import MAX_DISTANCE, Scenes, is_copy
from agent.core.decide import judge, judge_together, objections_of_copy, resolve
from agent.core.model import CaseId, Evidence, Facts, Look
from agent.core.register import Register, Says
from tests.builders import (
    AMARA,
    BEN,
    MOMENT,
    a_person,
    a_question,
    a_register,
    a_tag,
    an_answer,
    clue,
    evidence,
)

REFUSING = a_register(a_person(), a_person(BEN, an_answer(Says.NO), name="ben hart"))
OF_BEN = evidence(tags=(a_tag("ben hart"),), folders=frozenset({clue("camera-1")}))
BY_MESSENGER = Evidence(notes=frozenset({Concern.DEVICE_MESSENGER}))
STATED = Context(said=Said(people=frozenset({AMARA}), present=NOBODY_ELSE))


def looking(outline: int | None, pixels: str = "one") -> Look:
    return Look(faces=1, pixels=clue(pixels), outline=outline)


def facts_of(
    what: Evidence, register: Register = REFUSING, context: Context | None = None
) -> Facts:
    return resolve(what, register, MOMENT, context or Context())


def sticking(
    copy: Evidence, mine: Context | None = None, other: Context | None = None
) -> frozenset[Concern]:
    question = a_question(register=REFUSING, context=mine or Context())
    return objections_of_copy(question, facts_of(copy, context=other))


@pytest.mark.parametrize("bits", range(MAX_DISTANCE + 3))
def test_a_copy_may_differ_in_a_few_bits(bits: int) -> None:
    one, other = looking(0x5555), looking(0x5555 ^ ((1 << bits) - 1), "two")
    assert is_copy(one, other) is (bits <= MAX_DISTANCE)


def test_without_an_outline_only_the_same_pixels_are_a_copy() -> None:
    assert is_copy(looking(None), looking(None))
    assert not is_copy(looking(None), looking(None, "two"))
    assert not is_copy(looking(7), looking(None, "two"))


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.binary(min_size=32, max_size=32))
def test_the_key_hides_an_outline_and_keeps_every_distance(
    one: int, other: int, key: bytes
) -> None:
    clues = ClueMaker(key)
    kept = clues.outline(one) ^ clues.outline(other)
    assert kept.bit_count() == (one ^ other).bit_count()
    assert clues.outline(one) != ClueMaker(bytes(32)).outline(one) or key == bytes(32)


def test_who_is_named_in_a_copy_is_in_this_picture_too() -> None:
    assert sticking(OF_BEN) == {Concern.PERMISSION_REFUSED}
    assert sticking(OF_BEN, mine=STATED) == {Concern.PERMISSION_REFUSED}


def test_who_was_said_to_be_in_a_copy_is_in_this_picture_too() -> None:
    said = Context(said=Said(people=frozenset({BEN}), present=NOBODY_ELSE))
    assert sticking(evidence(), mine=STATED, other=said) == {Concern.PERMISSION_REFUSED}


def test_a_class_that_a_copy_may_show_counts_until_somebody_says_who_is_here() -> None:
    assert sticking(evidence()) == {Concern.PERMISSION_REFUSED}
    assert sticking(evidence(), mine=STATED) == frozenset()


def test_a_name_that_nobody_bears_sticks() -> None:
    assert sticking(evidence(tags=(a_tag("a visitor"),)), mine=STATED) == {
        Concern.PEOPLE_UNKNOWN_NAME
    }


def test_how_a_copy_came_and_what_nobody_said_of_it_says_nothing_of_this_one() -> None:
    concerns = judge(a_question(BY_MESSENGER)).concerns
    assert Concern.DEVICE_NO_EVIDENCE in concerns
    assert Concern.PEOPLE_UNATTRIBUTED in concerns
    assert sticking(BY_MESSENGER) == frozenset()


def test_of_a_copy_that_could_not_be_cleaned_the_people_stick() -> None:
    unclean = replace(OF_BEN, refusal=Concern.MEDIA_UNVERIFIED)
    assert sticking(unclean) == {Concern.PERMISSION_REFUSED}


def test_what_sticks_holds() -> None:
    question = a_question(register=REFUSING, context=STATED)
    assert judge(question).verdict is Verdict.KEEP
    held = judge_together(question, [], sticking(OF_BEN, mine=STATED))
    assert (held.verdict, held.concerns) == (Verdict.HOLD, (Concern.PERMISSION_REFUSED,))


tags = st.lists(st.sampled_from(["amara okafor", "ben hart", "a visitor", None]), max_size=3)


@given(tags, tags, st.booleans(), st.booleans())
def test_a_copy_only_ever_tightens(
    mine: list[str | None], theirs: list[str | None], stated: bool, in_folder: bool
) -> None:
    context = STATED if stated else Context()
    question = a_question(evidence(tags=tuple(map(a_tag, mine))), REFUSING, context=context)
    folders = frozenset({clue("camera-1"), *([clue("3b")] if in_folder else [])})
    copy = facts_of(evidence(tags=tuple(map(a_tag, theirs)), folders=folders))
    alone = judge(question)
    together = judge_together(question, [], objections_of_copy(question, copy))
    assert together.verdict >= alone.verdict
    assert set(together.concerns) >= set(alone.concerns)


outlines = st.one_of(
    st.none(), st.integers(0, 2**64 - 1), st.sampled_from([0, 1, 2**63, 2**64 - 1])
)
looks = st.builds(looking, outlines, st.sampled_from("ab"))


@given(st.lists(looks, max_size=8), looks, st.sets(st.integers(0, 63), max_size=MAX_DISTANCE + 2))
def test_the_index_finds_what_comparing_with_each_finds(
    known: list[Look], look: Look, flipped: set[int]
) -> None:
    near = replace(look, pixels=clue("near"))
    if look.outline is not None:
        near = replace(near, outline=look.outline ^ sum(1 << bit for bit in flipped))
    cases = {CaseId(str(number)): one for number, one in enumerate([*known, near])}
    scenes = Scenes()
    for case, one in cases.items():
        scenes.add(case, one)
        scenes.add(case, one)
    assert scenes.copies(look) == sorted(c for c, one in cases.items() if is_copy(look, one))


def test_the_index_compares_with_few(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = random.Random(5)
    scenes, compared = Scenes(), list[Look]()
    for number in range(20_000):
        scenes.add(CaseId(str(number)), looking(drawn.getrandbits(64), str(number)))
    monkeypatch.setattr(module, "is_copy", lambda _one, other: compared.append(other))
    scenes.copies(looking(drawn.getrandbits(64)))
    assert len(compared) < 100
