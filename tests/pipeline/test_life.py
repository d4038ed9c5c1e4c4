# SPDX-License-Identifier: Apache-2.0
"""No life keeps what somebody in the picture has not allowed, or touches what is frozen.

Hypothesis lives a school's life: pictures arrive, people say who is in them, parents answer, days
pass, pictures are frozen, released and erased. After each of the agent's rounds an oracle of its
own says who is in each picture and what they allow at that moment.
"""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from agent import upkeep
from agent.core.attribution import NOTHING_SAID, Present
from agent.core.case import Record, State
from agent.core.concerns import Verdict
from agent.core.desk import Erase, Freeze, Release, SayAbsent, SayPresent, Settled
from agent.core.disposal import disposal
from agent.core.model import CaseId, Token
from agent.core.register import Says
from agent.core.who import AccountId, Role, Who
from tests.builders import (
    AMARA,
    BEN,
    HEAD,
    MOMENT,
    OFFICE,
    a_person,
    a_register,
    an_answer,
    evidence,
)
from tests.memory import World
from tests.pipeline.people import case_of, hand_in, run, work

NAMES = {AMARA: "amara okafor", BEN: "ben hart"}
PICTURES = st.sampled_from([b"one", b"two", b"copy of one"])
PEOPLE = st.frozensets(st.sampled_from([AMARA, BEN]))
ANYBODY = st.sampled_from(
    [Who(account=AccountId(role.value[:1] * 26), role=role) for role in Role]
    + [HEAD, OFFICE, Who(account=HEAD.account, role=Role.OFFICE)]
)
"""Everybody, and the head a second time in the role of the office."""
FAULTY = settings(
    max_examples=200, deadline=None, database=None, phases=[Phase.generate], derandomize=True
)
SHORT = settings(max_examples=30, stateful_step_count=15, deadline=None)


def digest(record: Record) -> str:
    """Return what a proposal is bound to, as `service.office.safeguarding.erasing` has it."""
    said = (record.object, record.state, record.ruling.concerns, record.rulings, record.arrivals)
    return hashlib.sha256(repr(said).encode()).hexdigest()


class Life(RuleBasedStateMachine):
    """A school with one class of two children, and one computer."""

    def __init__(self) -> None:
        super().__init__()
        scene = evidence()
        self.world = World(evidence={b"one": scene, b"copy of one": scene})
        self.answers: dict[Token, tuple[Says | None, int | None]] = {}
        self.said: dict[CaseId, SayPresent] = {}
        self.absent: dict[CaseId, frozenset[Token]] = {}
        self.frozen: dict[CaseId, tuple[Any, ...]] = {}
        self.of_the_head: set[CaseId] = set()
        self.proposals: dict[CaseId, tuple[Who, str]] = {}
        self.days = 0

    @initialize()
    def everyone_says_yes(self) -> None:
        self.answers = {AMARA: (Says.YES, None), BEN: (Says.YES, None)}
        self.publish()

    def publish(self) -> None:
        people = []
        for token, (says, until) in self.answers.items():
            last = None if until is None else MOMENT.today + timedelta(days=until)
            answers = () if says is None else (an_answer(says, valid_until=last),)
            people.append(replace(a_person(token, name=NAMES[token]), answers=answers))
        digest = hashlib.sha256(repr(people).encode()).hexdigest()
        self.world.register = replace(a_register(*people), digest=digest)
        self.round()

    def round(self) -> None:
        run(self.world)
        work(self.world)

    @rule(content=PICTURES)
    def a_picture_arrives(self, content: bytes) -> None:
        self.world.files[f"camera-1/3b/{content.decode()}.jpg"] = content
        self.round()

    @rule(
        child=st.sampled_from([AMARA, BEN]),
        says=st.none() | st.sampled_from(Says),
        until=st.none() | st.integers(0, 3),
    )
    def a_parent_answers(self, child: Token, says: Says | None, until: int | None) -> None:
        self.answers[child] = (says, until)
        self.publish()

    @rule()
    def a_day_passes(self) -> None:
        self.days += 1
        day = timedelta(days=self.days)
        self.world.moment = replace(MOMENT, at=MOMENT.at + day, today=MOMENT.today + day)
        self.round()

    @rule(
        content=PICTURES,
        people=PEOPLE,
        everyone=st.booleans(),
        visitors=st.integers(0, 1),
        not_known=st.integers(0, 1),
    )
    def somebody_says_who_is_in_it(
        self, content: bytes, people: frozenset[Token], **present: int
    ) -> None:
        everyone = bool(present.pop("everyone"))
        said = Present(is_everyone=everyone, **present)
        self.say(SayPresent(case=case_of(content), people=tuple(sorted(people)), present=said))

    @rule(content=PICTURES)
    def somebody_takes_it_back(self, content: bytes) -> None:
        self.say(SayPresent(case=case_of(content), people=(), present=NOTHING_SAID))

    def say(self, act: SayPresent) -> None:
        if hand_in(self.world, act) is Settled.DONE:
            self.said[act.case] = act

    @rule(content=PICTURES, people=PEOPLE)
    def somebody_was_absent(self, content: bytes, people: frozenset[Token]) -> None:
        act = SayAbsent(case=case_of(content), people=tuple(sorted(people)))
        if hand_in(self.world, act) is Settled.DONE:
            self.absent[act.case] = people

    @rule(content=PICTURES, by=ANYBODY, head=st.booleans())
    def it_is_frozen(self, content: bytes, by: Who, head: bool) -> None:
        case = case_of(content)
        hand_in(self.world, Freeze(case=case, concerns_head=head), by)
        self.frozen.setdefault(case, self.what_is_there(case))
        if head:
            self.of_the_head.add(case)

    @rule(content=PICTURES, by=ANYBODY)
    def it_is_released(self, content: bytes, by: Who) -> None:
        act = Release(case=case_of(content), reference="WS-2026-004711")
        if hand_in(self.world, act, by).was_taken_in:
            chair = act.case in self.of_the_head
            assert by.role in ({Role.CHAIR} if chair else {Role.HEAD, Role.SAFEGUARDING_LEAD})
            del self.frozen[act.case]
            self.of_the_head.discard(act.case)
            self.round()

    @rule(content=PICTURES, first=ANYBODY)
    def somebody_proposes_to_erase_it(self, content: bytes, first: Who) -> None:
        """As the console does: bound to the case as it is shown."""
        record = self.world.records.get(case_of(content))
        if record is not None:
            self.proposals[record.case] = (first, digest(record))

    @rule(second=ANYBODY)
    def somebody_confirms_whatever_was_proposed(self, second: Who) -> None:
        for case, (first, shown) in self.proposals.items():
            record = self.world.records[case]
            if digest(record) == shown:
                self.erase(Erase(case=case, proposed_by=first), second)

    @rule(content=PICTURES, first=ANYBODY, second=ANYBODY)
    def somebody_has_it_erased_without_any_console(
        self, content: bytes, first: Who, second: Who
    ) -> None:
        self.erase(Erase(case=case_of(content), proposed_by=first), second)

    def erase(self, act: Erase, second: Who) -> None:
        record, was_frozen = self.world.records.get(act.case), act.case in self.frozen
        if hand_in(self.world, act, second) is Settled.DONE:
            assert record is not None
            assert not was_frozen
            assert record.ruling.verdict is not Verdict.KEEP or record.state is State.ERASED
            assert act.proposed_by.account != second.account
            assert {act.proposed_by.role, second.role} <= {Role.OFFICE, Role.HEAD}

    @rule(days=st.integers(0, 3))
    def what_is_due_is_listed(self, days: int) -> None:
        before = {case: self.what_is_there(case) for case in self.world.records}
        records = list(self.world.records.values())
        due = disposal(records, lambda r: r.case in self.frozen, self.world.moment, days)
        assert not set(due.proposed) & set(self.frozen)
        for case in due.proposed:
            assert self.world.records[case].ruling.verdict is not Verdict.KEEP
        assert before == {case: self.what_is_there(case) for case in self.world.records}

    def what_is_there(self, case: CaseId) -> tuple[Any, ...]:
        record = self.world.records.get(case)
        if record is None:
            return (None,)
        return record, self.world.vault.get(record.object), self.world.spool.get(record.object)

    def in_it(self, case: CaseId) -> set[Token]:
        said = self.said.get(case)
        if said is not None and said.present.is_everyone:
            return set(said.people)
        of_class = {AMARA, BEN} - self.absent.get(case, frozenset())
        return of_class | set(() if said is None else said.people)

    def allows(self, child: Token) -> bool:
        says, until = self.answers[child]
        return says is Says.YES and (until is None or self.days <= until)

    @invariant()
    def what_is_kept_is_allowed(self) -> None:
        for case, record in self.world.records.items():
            if record.ruling.verdict is Verdict.KEEP and case not in self.frozen:
                assert all(self.allows(child) for child in self.in_it(case))
                assert case not in self.said or not self.said[case].present.not_known

    @invariant()
    def what_is_frozen_is_as_it_was(self) -> None:
        for case, before in self.frozen.items():
            assert self.what_is_there(case) == before


TestLife = Life.TestCase
TestLife.settings = SHORT


@pytest.mark.parametrize("fault", ["no review", "a freeze that nobody asks for"])
def test_the_planted_fault_is_caught(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if fault == "no review":
        monkeypatch.setattr(upkeep, "review_due", lambda *_: None)
    else:
        monkeypatch.setattr("agent.intake.is_frozen", lambda *_: False)
        monkeypatch.setattr("agent.absorbing.is_frozen", lambda *_: False)
        monkeypatch.setattr("agent.pipeline.untouched", lambda _, records: list(records))
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Life, settings=FAULTY)
