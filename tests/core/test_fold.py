# SPDX-License-Identifier: Apache-2.0
"""The exact counts of a report: each picture once, in its term, as it is at the term's end."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.ledger_lines import Line
from agent.core.summary.fold import Fold
from agent.core.summary.outcomes import Outcome, outcome_of
from agent.core.summary.periods import Calendar
from tests.service.scenes import TERMS, decided

SPRING, SUMMER, AUTUMN = 0, 1, 2
DAYS = ("2026-02-02T09:00:00Z", "2026-05-05T09:00:00Z", "2026-10-05T09:00:00Z")


def folded(*lines: Line) -> Fold:
    fold = Fold(Calendar(TERMS))
    fold.begin("a")
    for line in lines:
        fold.take(line)
    return fold


def entry(kind: str, at: str, **body: object) -> Line:
    return Line(at, body, f"x.{kind}", kind)


def test_a_picture_counts_in_the_term_of_its_first_decision() -> None:
    fold = folded(decided(1, Outcome.KEPT, DAYS[SPRING]), decided(2, Outcome.DEVICE, DAYS[SUMMER]))
    assert fold.tally(SPRING).outcomes == {Outcome.KEPT: 1}
    assert fold.tally(SUMMER).outcomes == {Outcome.DEVICE: 1}
    assert fold.tally(AUTUMN).pictures == 0


def test_a_later_decision_in_the_same_term_moves_it() -> None:
    fold = folded(
        decided(1, Outcome.PEOPLE, DAYS[SPRING]), decided(1, Outcome.KEPT, DAYS[SPRING], 2)
    )
    assert +fold.tally(SPRING).outcomes == {Outcome.KEPT: 1}
    assert fold.tally(SPRING).earlier_kept == 0


@pytest.mark.parametrize(
    ("first", "second", "kept", "held"),
    [
        (Outcome.PEOPLE, Outcome.KEPT, 1, 0),
        (Outcome.KEPT, Outcome.PERMISSION, 0, 1),
        (Outcome.PEOPLE, Outcome.PERMISSION, 0, 0),
        (Outcome.KEPT, Outcome.KEPT, 0, 0),
    ],
)
def test_a_decision_of_a_later_term_counts_there(
    first: Outcome, second: Outcome, kept: int, held: int
) -> None:
    fold = folded(decided(1, first, DAYS[SPRING]), decided(1, second, DAYS[AUTUMN], 2))
    assert fold.tally(SPRING).outcomes == {first: 1}
    assert (fold.tally(AUTUMN).earlier_kept, fold.tally(AUTUMN).earlier_held) == (kept, held)
    assert fold.tally(AUTUMN).pictures == 0
    assert fold.held_at_end(AUTUMN) == (second is not Outcome.KEPT)


CASES = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(Outcome), st.integers(0, 2)), max_size=30
)


@given(CASES)
def test_the_counts_are_those_of_a_naive_recount(steps: list[tuple[int, Outcome, int]]) -> None:
    """The oracle keeps every decision and looks at the whole history for each term's end."""
    ordered = sorted(steps, key=lambda step: step[2])
    fold = folded(
        *(decided(case, out, DAYS[term], n) for n, (case, out, term) in enumerate(ordered))
    )
    for term in (SPRING, SUMMER, AUTUMN):
        until = [step for step in ordered if step[2] <= term]
        latest = {case: out for case, out, _ in until}
        born = {case: when for case, _, when in reversed(ordered)}
        wanted = Counter(out for case, out in latest.items() if born[case] == term)
        assert +fold.tally(term).outcomes == wanted
        assert fold.held_at_end(term) == sum(out is not Outcome.KEPT for out in latest.values())


def test_a_kind_that_nobody_knows_is_counted_by_its_code() -> None:
    fold = folded(entry("moon.seen", DAYS[AUTUMN]), entry("moon.seen", DAYS[AUTUMN]))
    assert fold.tally(AUTUMN).kinds == {"moon.seen": 2}


def test_a_report_may_reach_to_any_second() -> None:
    """What came in the very second after an approved report is of the next term."""
    cut = replace(TERMS[0], ends="2026-02-02T09:00:31Z")
    fold = Fold(Calendar((cut, replace(TERMS[1], begins="2026-02-02T09:00:31Z"))))
    fold.begin("a")
    fold.take(decided(1, Outcome.KEPT, "2026-02-02T09:00:30Z"))
    fold.take(decided(2, Outcome.KEPT, "2026-02-02T09:00:31Z"))
    assert [fold.tally(number).pictures for number in (0, 1)] == [1, 1]


def test_what_lies_outside_all_terms_counts_for_none() -> None:
    fold = folded(decided(1, Outcome.KEPT, "2020-01-01T00:00:00Z"))
    assert [fold.tally(number).pictures for number in range(3)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("changes", "count"),
    [({}, 0), ({"register": None}, 1), ({"concerns": ["people.uncounted"]}, 1)],
)
def test_keeping_without_proof_is_counted(changes: dict[str, object], count: int) -> None:
    fold = folded(decided(1, Outcome.KEPT, DAYS[AUTUMN], **changes))
    assert fold.tally(AUTUMN).kept_unproven == count


def test_an_original_that_went_without_a_stored_copy_is_counted() -> None:
    case = str(decided(1, Outcome.KEPT, DAYS[AUTUMN]).body["case"])
    other = str(decided(2, Outcome.KEPT, DAYS[AUTUMN]).body["case"])
    fold = folded(
        decided(1, Outcome.KEPT, DAYS[AUTUMN]),
        entry("photo.stored", DAYS[AUTUMN], case=case),
        decided(1, Outcome.PERMISSION, DAYS[AUTUMN], 2),
        entry("photo.cleared", DAYS[AUTUMN], case=case, original="deleted"),
        entry("photo.cleared", DAYS[AUTUMN], case=other, original="kept"),
    )
    assert fold.tally(AUTUMN).deleted_unproven == 0
    fold.take(entry("photo.cleared", DAYS[AUTUMN], case=other, original="deleted"))
    assert fold.tally(AUTUMN).deleted_unproven == 1


@pytest.mark.parametrize(("outcome", "held"), [(Outcome.PEOPLE, 1), (Outcome.KEPT, 0)])
def test_what_was_erased_waits_no_more(outcome: Outcome, held: int) -> None:
    line = decided(1, outcome, DAYS[SPRING])
    erased = entry("photo.erased", DAYS[AUTUMN], case=line.body["case"])
    fold = folded(line, erased, erased, decided(1, Outcome.KEPT, DAYS[AUTUMN], 2))
    assert (fold.held_at_end(SPRING), fold.held_at_end(AUTUMN)) == (held, 0)
    assert fold.tally(AUTUMN).erased_held == held
    assert fold.tally(AUTUMN).earlier_kept == 0


@pytest.mark.parametrize("at", DAYS)
def test_being_decided_is_not_being_stored_in_any_term(at: str) -> None:
    line = decided(2, Outcome.KEPT, at)
    fold = folded(line, entry("photo.cleared", at, case=line.body["case"], original="deleted"))
    assert sum(tally.deleted_unproven for tally in fold.tallies) == 1


def test_being_stored_first_is_not_being_decided() -> None:
    line = decided(2, Outcome.KEPT, DAYS[SPRING])
    fold = folded(entry("photo.stored", DAYS[SPRING], case=line.body["case"]), line)
    assert fold.tally(SPRING).outcomes == {Outcome.KEPT: 1}


def test_an_id_may_have_every_letter() -> None:
    line = decided(1, Outcome.KEPT, DAYS[SPRING])
    fold = folded(line._replace(body={**line.body, "case": "z" * 26}))
    assert fold.tally(SPRING).kept == 1


def test_holding_with_reasons_is_not_keeping_without_proof() -> None:
    fold = folded(decided(1, Outcome.PERMISSION, DAYS[AUTUMN], register=None))
    assert fold.tally(AUTUMN).kept_unproven == 0


def test_entries_of_each_term_are_counted_for_each_ledger() -> None:
    fold = folded(*(entry("x.y", at) for at in (DAYS[SPRING], DAYS[AUTUMN], DAYS[AUTUMN])))
    assert fold.sources["a"].by_period == {SPRING + 1: 1, AUTUMN + 1: 2}
    assert fold.sources["a"].first == DAYS[SPRING]


def test_a_clock_set_back_once_counts_once() -> None:
    fold = folded(*(entry("x.y", at) for at in ("2026-10-05T09:00:00Z", "2026-10-05T08:00:00Z")))
    assert fold.sources["a"].backwards == 1


def test_a_clock_that_runs_backwards_is_counted() -> None:
    late, early = "2026-10-05T09:00:00Z", "2026-10-05T08:00:00Z"
    fold = folded(*(entry("x.y", at) for at in (late, early, late)))
    assert fold.sources["a"].backwards == 1
    assert fold.sources["a"].last == late


def test_an_untrusted_clock_and_the_newest_register_are_noted() -> None:
    fold = folded(
        decided(1, Outcome.SYSTEM, DAYS[AUTUMN], concerns=["clock.untrusted"]),
        entry("register.published", DAYS[AUTUMN]),
        entry("register.published", DAYS[SUMMER]),
    )
    assert fold.tally(AUTUMN).clock_untrusted == 1
    assert fold.tally(AUTUMN).last_register == DAYS[AUTUMN]


@pytest.mark.parametrize(
    ("written", "until", "silent"),
    [
        (("2026-10-05", "2026-10-06"), date(2026, 10, 6), 0),
        (("2026-10-02", "2026-10-05"), date(2026, 10, 5), 0),  # a weekend between
        (("2026-10-05", "2026-10-12"), date(2026, 10, 12), 4),
        (("2026-10-05",), date(2026, 10, 9), 4),  # and nothing since
        (("2026-07-01", "2026-09-04"), date(2026, 9, 4), 3),  # of the term, not of the holidays
        (("2026-07-01",), date(2026, 9, 2), 2),
        (("2026-12-18", "2026-12-30"), date(2026, 12, 30), 0),
        (("2026-12-15",), date(2026, 12, 30), 3),  # to the last day of the term
    ],
)
def test_silence_is_counted_in_school_days(
    written: tuple[str, ...], until: date, silent: int
) -> None:
    fold = folded(*(entry("x.y", f"{day}T09:00:00Z") for day in written))
    assert fold.silent_days("a", AUTUMN, until) == silent


def test_the_time_that_the_program_was_off_is_counted_in_school_days() -> None:
    body = {"since": "2026-10-05T15:00:00Z", "until": "2026-10-09T08:00:00Z", "ended": "cut"}
    fold = folded(entry("agent.gap", "2026-10-09T08:00:00Z", **body))
    assert fold.sources["a"].off[AUTUMN + 1] == 3


def test_each_ledger_counts_once_and_has_its_own_clock() -> None:
    fold = folded(entry("x.y", DAYS[AUTUMN]))
    fold.begin("b")
    fold.take(entry("x.y", DAYS[SPRING]))
    assert fold.sources["b"].backwards == 0
    assert (fold.sources["a"].entries, fold.sources["b"].entries) == (1, 1)
    with pytest.raises(ValueError, match="once"):
        fold.begin("a")


def test_terms_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        Calendar((TERMS[0], replace(TERMS[1], begins="2026-03-01T00:00:00Z")))


@pytest.mark.parametrize(
    ("concerns", "outcome"),
    [
        ([], Outcome.SYSTEM),
        (["permission.absent"], Outcome.PERMISSION),
        (["people.unattributed", "permission.refused"], Outcome.PERMISSION),
        (["card.expired"], Outcome.PEOPLE),
        (["sitting.disordered"], Outcome.PEOPLE),
        (["device.unregistered", "people.unattributed"], Outcome.DEVICE),
        (["permission.refused", "device.retired"], Outcome.PERMISSION),
        (["media.empty", "permission.refused"], Outcome.FILE),
        (["register.stale"], Outcome.SYSTEM),
        (["clock.untrusted", "device.edited"], Outcome.DEVICE),
    ],
)
def test_a_held_picture_counts_for_its_gravest_reason(
    concerns: list[str], outcome: Outcome
) -> None:
    assert outcome_of("HOLD", concerns) is outcome
    assert outcome_of("KEEP", concerns) is Outcome.KEPT
