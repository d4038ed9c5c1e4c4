# SPDX-License-Identifier: Apache-2.0
"""The model of a report: as the golden ones say, never more than may be shown, true to itself."""

import json
from dataclasses import replace
from datetime import date

import pytest

from agent.core.canonical import encode
from agent.core.summary.facts import Governance
from agent.core.summary.figures import RegisterCounts, shown_figures
from agent.core.summary.fold import Fold
from agent.core.summary.model import published_figures
from agent.core.summary.numbers import Exact, Veiled
from agent.core.summary.outcomes import Outcome
from agent.core.summary.periods import Calendar
from agent.core.summary.words import change, count, share
from tests.service.scenes import (
    GOOD,
    SCENES,
    TERMS,
    Scene,
    decided,
    golden_path,
    golden_text,
    model_of,
    term_lines,
)


@pytest.mark.parametrize("name", SCENES)
def test_a_model_is_the_golden_one(name: str) -> None:
    """Look at the difference; if it is meant, run `python -m tests.service.scenes`."""
    assert golden_text(name) == golden_path(name).read_text("utf-8")


@pytest.mark.parametrize("name", SCENES)
def test_a_model_has_one_canonical_text(name: str) -> None:
    assert encode(json.loads(golden_text(name)))


def rules(scene: Scene) -> list[str]:
    return [one["rule"] for one in model_of(scene)["in_short"]]


ORDINARY = replace(
    SCENES["an ordinary term"],
    governance=GOOD,
    register=RegisterCounts(listed=412, answered=412, refused=7),
)


def test_where_nothing_is_wrong_nothing_is_asked_but_to_file_it() -> None:
    model = model_of(ORDINARY)
    assert model["status"].startswith("Nothing needs")
    assert [one["verb"] for one in model["board"]] == ["Note"]


WRONG = {
    "policy.overdue": {"governance": replace(GOOD, policy_review_due=date(2026, 11, 19))},
    "assessment.overdue": {"governance": replace(GOOD, impact_assessment_due=None)},
    "restore.untested": {"governance": replace(GOOD, restore_tested=date(2025, 11, 18))},
    "register.unanswered": {"register": RegisterCounts(listed=412, answered=411, refused=7)},
    "ledger.stranger": {"trust": lambda trust: replace(trust, strangers=1)},
    "ledger.rewritten": {
        "trust": lambda trust: replace(trust, earlier=replace(trust.earlier, still_there=False))
    },
    "ledger.broken": {
        "trust": lambda trust: replace(trust, ledgers=(replace(trust.ledgers[0], faults=1),))
    },
    "computers.silent": {
        "trust": lambda trust: replace(trust, ledgers=(replace(trust.ledgers[0], silent_days=10),))
    },
    "program.off": {
        "trust": lambda trust: replace(trust, ledgers=(replace(trust.ledgers[0], off_days=3),))
    },
    "clock.wrong": {
        "trust": lambda trust: replace(trust, ledgers=(replace(trust.ledgers[0], backwards=1),))
    },
    "answers.late": {"governance": replace(GOOD, complaints=replace(GOOD.complaints, in_time=0))},
    "breaches.some": {"governance": SCENES["an ordinary term"].governance},
    "kept.unproven": {
        "later": (decided(9**9, Outcome.KEPT, "2026-10-05T09:00:00Z", register=None),)
    },
}


@pytest.mark.parametrize("rule", WRONG)
def test_one_thing_wrong_is_said_first_and_alone(rule: str) -> None:
    model = model_of(replace(ORDINARY, **WRONG[rule]))
    assert model["in_short"][0]["rule"] == rule
    assert model["status"] == "One matter needs the board's attention."


def test_the_policy_is_not_overdue_on_its_day() -> None:
    due = replace(GOOD, policy_review_due=date(2026, 11, 20))
    assert "policy.overdue" not in rules(replace(ORDINARY, governance=due))


def test_nothing_is_claimed_of_pictures_where_the_ledger_is_not_sound() -> None:
    for rule in ("ledger.broken", "kept.unproven"):
        assert "pictures.checked" not in rules(replace(ORDINARY, **WRONG[rule]))
    assert "ledger.sound" not in rules(replace(ORDINARY, **WRONG["ledger.stranger"]))


def test_an_empty_term_says_so_and_claims_no_check() -> None:
    said = rules(SCENES["an empty term after a full one"])
    assert "pictures.none" in said
    assert "pictures.checked" not in said


def test_what_nobody_recorded_is_not_called_nought() -> None:
    model = model_of(replace(ORDINARY, register=None, governance=Governance()))
    assert "not recorded" in str(model["dates"])
    assert not any("register" in row["what"] for row in model["key_figures"])


def test_a_small_school_shows_no_count_of_pictures_or_children() -> None:
    model = model_of(
        replace(
            SCENES["a school of forty, in autumn"],
            later=(
                decided(9**9, Outcome.KEPT, "2026-10-05T09:00:00Z")._replace(kind="person.left"),
            ),
        )
    )
    assert model["figures"] == {}
    assert model["key_figures"] == []
    assert model["acts"] == []


def test_an_act_that_may_be_one_childs_matter_is_veiled() -> None:
    model = model_of(SCENES["an ordinary term"])
    assert model["acts"] == [
        ["Somebody said who is in a picture, or who was not there", "fewer than 5"],
        ["Other: something.new", "fewer than 5"],
    ]


def test_no_share_stands_beside_a_hidden_count() -> None:
    text = json.dumps(model_of(SCENES["small numbers"])["key_figures"])
    assert "%" not in text


def test_figures_read_back_as_they_were_shown() -> None:
    model = model_of(SCENES["small numbers"])
    shown = published_figures(model)
    assert shown["Autumn 2026"]["pictures"] == Exact(14)
    assert shown["Autumn 2026"]["permission"] is Veiled.FEWER
    with pytest.raises(ValueError, match="report"):
        published_figures({**model, "format": "else"})


def test_an_earlier_report_stays_as_it_was_published() -> None:
    """Summer was published when a count stood at 9; late entries do not change what is shown."""
    before = model_of(SCENES["small numbers"])
    published = {"Summer 2026": {**published_figures(before)["Summer 2026"], "kept": Exact(99)}}
    model = model_of(replace(SCENES["small numbers"], published=published))
    assert published_figures(model)["Summer 2026"]["kept"] == Exact(99)


def test_what_waits_cannot_be_taken_from_what_waited() -> None:
    """Held pictures of two terms, and no flow shown, would give away a small count between."""
    fold = Fold(Calendar(TERMS))
    fold.begin("a")
    spring = {Outcome.KEPT: 40, Outcome.PEOPLE: 30}
    for line in term_lines("2026-02-02", 0, spring):
        fold.take(line)
    for case in range(40, 43):
        fold.take(decided(case, Outcome.KEPT, "2026-05-05T09:00:00Z", 2))
    shown = shown_figures(fold, [0, 1], None, {})
    assert shown["Summer 2026"]["earlier_kept"] is Veiled.FEWER
    assert isinstance(shown["Summer 2026"]["waiting"], Veiled)


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (Exact(5), Exact(5), "No change"),
        (Exact(110), Exact(100), "About the same"),
        (Exact(90), Exact(100), "About the same"),
        (Exact(111), Exact(100), "More"),
        (Exact(89), Exact(100), "Fewer"),
        (Exact(0), Exact(1), "Fewer"),
        (Exact(1), Exact(0), "More"),
        (Veiled.FEWER, Exact(7), "Not compared"),
        (Exact(7), Veiled.HIDDEN, "Not compared"),
        (None, Exact(7), "No earlier figure"),
    ],
)
def test_what_changed_is_said_by_rule(now: object, before: object, words: str) -> None:
    assert change(now, before) == words  # type: ignore[arg-type]  # the table holds what may be shown


def test_counts_and_shares_in_words() -> None:
    assert count(Exact(12345)) == "12,345"
    assert count(Veiled.FEWER) == "fewer than 5"
    assert count(Veiled.HIDDEN) == count(Veiled.WITHHELD) == "not shown"
    assert share(Exact(10), Exact(20)) == "10 (50%)"
    assert share(Exact(10), Exact(19)) == "10"
    assert share(Exact(10), Veiled.HIDDEN) == "10"
