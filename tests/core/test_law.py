# SPDX-License-Identifier: Apache-2.0
"""The edges of the law: the very moment, the very day, one proof gone, two rules at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.core import decide as law
from agent.core.concerns import Concern, Verdict, plain_reason
from agent.core.decide import judge, resolve
from agent.core.model import Attribution, Coverage, Grade, Provenance, RosterId
from agent.core.register import NoRegister
from tests.builders import (
    AMARA,
    CLASS_3B,
    MOMENT,
    NOW,
    POLICY,
    a_question,
    a_register,
    a_tag,
    clue,
    evidence,
)

MISSING = NoRegister(Concern.REGISTER_MISSING)


@pytest.mark.parametrize("edge", ["issued_at", "valid_until"])
def test_a_register_counts_from_its_first_to_its_last_moment(edge: str) -> None:
    register = replace(a_register(), **{edge: NOW})
    assert judge(a_question(register=register)).verdict is Verdict.KEEP


def test_a_serial_needs_no_trust_in_consistent_devices() -> None:
    policy = replace(POLICY, accept_consistent_devices=False)
    assert judge(a_question(policy=policy)).verdict is Verdict.KEEP


def test_without_a_register_evidence_proves_nothing() -> None:
    facts = resolve(evidence(refusal=Concern.MEDIA_UNSUPPORTED), MISSING, MOMENT)
    assert facts.provenance == Provenance(grade=Grade.NO_EVIDENCE)
    assert facts.attribution.coverage is Coverage.UNKNOWN
    assert facts.refusal is Concern.MEDIA_UNSUPPORTED


def test_facts_of_a_register_that_is_gone_count_nobody() -> None:
    tagged = a_question(evidence(tags=(a_tag("amara okafor"),)))
    decision = judge(replace(tagged, register=MISSING))
    assert decision.concerns == (Concern.REGISTER_MISSING,)
    assert decision.standings == {}


def test_the_gravest_concern_comes_first_and_equals_by_code() -> None:
    untrusted = replace(MOMENT, trusted=False)
    stale = replace(a_register(), valid_until=NOW - timedelta(seconds=1))
    found = judge(
        a_question(evidence(refusal=Concern.MEDIA_UNREADABLE), stale, moment=untrusted)
    ).concerns
    assert found == (
        Concern.MEDIA_UNREADABLE,
        Concern.CLOCK_UNTRUSTED,
        Concern.REGISTER_STALE,
    )


def test_the_sentence_says_the_concerns() -> None:
    decision = judge(a_question(register=MISSING))
    assert decision.sentence == plain_reason((Concern.REGISTER_MISSING,))


def test_of_an_unreadable_file_nothing_else_is_said() -> None:
    what = evidence(
        refusal=Concern.MEDIA_UNREADABLE, serials=frozenset({clue("serial 9")}), folders=frozenset()
    )
    assert judge(a_question(what)).concerns == (Concern.MEDIA_UNREADABLE,)


def test_of_a_file_that_cannot_be_cleaned_the_rest_is_said_too() -> None:
    what = evidence(
        refusal=Concern.MEDIA_UNSUPPORTED,
        serials=frozenset({clue("serial 9")}),
        folders=frozenset(),
    )
    assert set(judge(a_question(what)).concerns) == {
        Concern.MEDIA_UNSUPPORTED,
        Concern.DEVICE_UNREGISTERED,
        Concern.PEOPLE_UNATTRIBUTED,
    }


def test_a_file_that_cannot_be_cleaned_is_not_blamed_for_showing_no_device() -> None:
    what = evidence(refusal=Concern.MEDIA_UNSUPPORTED, serials=frozenset(), model=None)
    assert judge(a_question(what)).concerns == (Concern.MEDIA_UNSUPPORTED,)


EMPTY_CLAIMS = {
    "nobody at all": Attribution(coverage=Coverage.EVERYONE),
    "a roster that is gone": Attribution(
        coverage=Coverage.EVERYONE, rosters=(CLASS_3B, RosterId("z" * 26)), tagged=(AMARA,)
    ),
    "one empty roster of two": Attribution(
        coverage=Coverage.EVERYONE, rosters=(CLASS_3B, RosterId("y" * 26)), tagged=(AMARA,)
    ),
}


def claiming(what: str) -> law.Question:
    register = a_register()
    empty = RosterId("y" * 26)
    roster = replace(register.rosters[CLASS_3B], id=empty, members=frozenset())
    register = replace(register, rosters={**register.rosters, empty: roster})
    question = a_question(register=register)
    return replace(question, facts=replace(question.facts, attribution=EMPTY_CLAIMS[what]))


@pytest.mark.parametrize("what", EMPTY_CLAIMS)
def test_a_claim_that_names_nobody_is_an_empty_roster(what: str) -> None:
    assert judge(claiming(what)).concerns == (Concern.PEOPLE_ROSTER_EMPTY,)


@pytest.mark.parametrize("what", EMPTY_CLAIMS)
def test_a_claim_that_names_nobody_is_no_proof(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(law, "RULES", ())
    assert judge(claiming(what)).concerns == (Concern.DECISION_UNPROVEN,)
