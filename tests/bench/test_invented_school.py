# SPDX-License-Identifier: Apache-2.0
"""The school that is measured is large, always the same, and has the defects of a real one."""

from datetime import UTC, datetime
from itertools import count, pairwise

from agent.bench.school import PURPOSES, invented_pupils, register_rows
from agent.core.mis.upn import fault_of
from agent.core.model import PurposeId
from agent.core.register_rows import Terms, build_snapshot

PUPILS = tuple(invented_pupils())


def test_it_has_the_size_that_was_promised() -> None:
    answers = sum(len(pupil.answers) for pupil in PUPILS)
    assert (len(PUPILS), len(PURPOSES)) == (2000, 17)
    assert all(len(pupil.guardians) == 2 for pupil in PUPILS)
    assert 0.8 * 2000 * 17 * 2 < answers < 2000 * 17 * 2


def test_it_is_the_same_each_time() -> None:
    assert tuple(invented_pupils()) == PUPILS


def test_every_pupil_has_a_valid_number_of_their_own() -> None:
    assert [pupil for pupil in PUPILS if fault_of(pupil.upn)] == []
    assert len({pupil.upn for pupil in PUPILS}) == len(PUPILS)


def test_it_has_twins_namesakes_accents_and_apostrophes() -> None:
    named = [(pupil.family_name, pupil.born) for pupil in PUPILS]
    names = [(pupil.given_name, pupil.family_name) for pupil in PUPILS]
    assert sum(one == other for one, other in pairwise(named)) >= 20
    assert len(set(names)) < len(names)
    assert {"Zoë", "Siân"} <= {given for given, _ in names}
    assert "O\N{RIGHT SINGLE QUOTATION MARK}Brien" in {family for _, family in names}


def test_classes_have_the_size_of_classes() -> None:
    sizes = [sum(p.class_name == name for p in PUPILS) for name in {p.class_name for p in PUPILS}]
    assert min(sizes) >= 15
    assert max(sizes) <= 40


def test_it_can_be_published_from_its_rows() -> None:
    numbers = count()
    terms = Terms(
        school="Invented School",
        school_year="2026-27",
        purposes=frozenset(PurposeId(purpose) for purpose, _ in PURPOSES),
        now=datetime(2026, 11, 24, tzinfo=UTC),
        valid_days=30,
    )
    rows = list(enumerate(register_rows(invented_pupils(70)), start=2))
    snapshot = build_snapshot(rows, terms, None, lambda: f"{next(numbers)}")
    assert len(snapshot.people) == 70
