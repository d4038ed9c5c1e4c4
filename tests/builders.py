# SPDX-License-Identifier: Apache-2.0
"""Small, defaulted values: a question that keeps, from which a test spoils one thing."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from agent.core.attribution import ALONE, Context
from agent.core.cards import CardKind, card_id
from agent.core.case import FileIdentity, Proof, Record, Ruling, State
from agent.core.concerns import Concern, Verdict
from agent.core.decide import Question, resolve
from agent.core.desk import Act, Item
from agent.core.entries import (
    enrolled_entry,
    gap_entry,
    retired_entry,
    started_entry,
    stopped_entry,
)
from agent.core.health import Gap
from agent.core.ledger import Entry, EntryKind
from agent.core.model import (
    CaseId,
    Clue,
    DeviceReference,
    Evidence,
    Look,
    Moment,
    ObjectId,
    Policy,
    PurposeId,
    RosterId,
    Tag,
    TagSource,
    Token,
)
from agent.core.register import (
    Answer,
    AnswererId,
    Capacity,
    Device,
    NoRegister,
    Person,
    Register,
    Roster,
    Says,
)
from agent.core.statements import Statement, StatementKind
from agent.core.who import AccountId, Role, Who

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MOMENT = Moment(at=NOW, today=TODAY)
PURPOSE = PurposeId("photograph_and_store")
POLICY = Policy(digest="f" * 64, base_purpose=PURPOSE, accept_consistent_devices=True)
AMARA, BEN = Token("a" * 26), Token("b" * 26)
CAMERA, IPAD = DeviceReference("c" * 26), DeviceReference("d" * 26)
CLASS_3B = RosterId("r" * 26)
CASE = CaseId("k" * 26)
OFFICE = Who(account=AccountId("office" + "a" * 20), role=Role.OFFICE)
HEAD = Who(account=AccountId("head" + "a" * 22), role=Role.HEAD)
CHAIR = Who(account=AccountId("chair" + "a" * 21), role=Role.CHAIR)
TEACHER = Who(account=AccountId("teacher" + "a" * 19), role=Role.TEACHER)
CARD_KEY = b"card key of tests, 32 bytes long"


def a_card_id(kind: CardKind, of: str) -> str:
    return card_id(kind, of, CARD_KEY)


def clue(text: str) -> Clue:
    return Clue(f"clue of {text}")


def an_answer(
    says: Says = Says.YES,
    by: str = "mother",
    capacity: Capacity = Capacity.RESPONSIBLE,
    days_ago: int = 60,
    valid_until: date | None = None,
    purpose: PurposeId = PURPOSE,
) -> Answer:
    return Answer(
        purpose=purpose,
        answerer=AnswererId(by),
        capacity=capacity,
        says=says,
        given_on=TODAY - timedelta(days=days_ago),
        valid_until=valid_until,
    )


def a_person(
    token: Token = AMARA,
    *answers: Answer,
    name: str = "amara okafor",
    restricted: bool = False,
) -> Person:
    return Person(
        token=token,
        names=frozenset({clue(name)}),
        answers=answers or (an_answer(),),
        restricted=restricted,
    )


def a_register(*people: Person, members: frozenset[Token] | None = None) -> Register:
    listed = people or (a_person(), a_person(BEN, name="ben hart"))
    by_token = {person.token: person for person in listed}
    return Register(
        digest="e" * 64,
        version=3,
        issued_at=NOW - timedelta(days=1),
        valid_until=NOW + timedelta(days=29),
        year="26",
        card_key=CARD_KEY,
        class_cards={a_card_id(CardKind.CLASS, CLASS_3B): CLASS_3B},
        child_cards={a_card_id(CardKind.CHILD, token): token for token in by_token},
        people=by_token,
        rosters={
            CLASS_3B: Roster(
                id=CLASS_3B,
                names=frozenset({clue("3b")}),
                members=frozenset(by_token) if members is None else members,
            )
        },
        devices={
            CAMERA: Device(
                reference=CAMERA,
                model=clue("canon"),
                serials=frozenset({clue("serial 1")}),
                folders=frozenset({clue("camera-1")}),
            ),
            IPAD: Device(reference=IPAD, model=clue("ipad"), folders=frozenset({clue("ipad-1")})),
        },
    )


def evidence(**changes: object) -> Evidence:
    """Return what a picture of class 3B by the school's camera says."""
    good = Evidence(
        serials=frozenset({clue("serial 1")}),
        model=clue("canon"),
        folders=frozenset({clue("camera-1"), clue("3b")}),
        look=Look(faces=1, pixels=clue("pixels")),
    )
    return replace(good, **changes)


def a_tag(name: str | None, source: TagSource = TagSource.REGION) -> Tag:
    return Tag(source=source, name=None if name is None else clue(name))


def a_question(
    what: Evidence | None = None,
    register: Register | NoRegister | None = None,
    moment: Moment = MOMENT,
    policy: Policy = POLICY,
    context: Context = ALONE,
) -> Question:
    known = a_register() if register is None else register
    facts = resolve(evidence() if what is None else what, known, moment, context)
    return Question(facts=facts, register=known, policy=policy, moment=moment)


def a_record(state: State = State.STORED, **changes: object) -> Record:
    record = Record(
        case=CASE,
        state=state,
        kind="JPEG",
        object=ObjectId("o" * 26),
        proof=Proof(body_sha256="1" * 64, body_size=10, slip_sha256="2" * 64),
        evidence=evidence(
            tags=(a_tag("amara okafor"), a_tag(None)),
            captured_on=TODAY - timedelta(days=1),
            arrived_on=TODAY,
        ),
        facts=a_question().facts,
        ruling=Ruling(
            verdict=Verdict.HOLD,
            concerns=(Concern.PERMISSION_REFUSED,),
            register_digest="e" * 64,
            register_version=3,
            policy_digest="f" * 64,
            decided_at=NOW,
        ),
        source=FileIdentity(
            place=Clue("x" * 26), size=1, modified_ns=2**60, changed_ns=3, number=2**63
        ),
        arrived_at=NOW,
        discard=True,
        stored_at=NOW,
        cleared_at=NOW,
    )
    return replace(record, **changes)


def a_statement(*people: Token, about: str = CASE, id: str = "i" * 26) -> Statement:  # noqa: A002 - its name
    return Statement(
        id=id,
        about=about,
        kind=StatementKind.PRESENT,
        people=people or (AMARA,),
        at=NOW,
        by=OFFICE,
    )


def an_item(act: Act, who: Who = OFFICE, id: str | None = None) -> Item:  # noqa: A002 - its name
    digest = hashlib.sha256(repr((act, who)).encode()).hexdigest()
    opaque = "".join(chr(ord("a") + int(c, 16)) for c in digest[:26])
    return Item(id=id or opaque, act=act, by=who, at=NOW)


def station_entries() -> tuple[Entry, ...]:
    """Return an entry of each kind that is about a station and not about a picture."""
    gap = Gap(since=NOW - timedelta(days=4), until=NOW, cut=False)
    return (
        Entry(id="a.1", kind=EntryKind.SITE_CREATED, at=NOW, body={"vault": "v" * 26}),
        started_entry(NOW, "0.1.0"),
        stopped_entry(NOW, NOW - timedelta(hours=1)),
        gap_entry(gap),
        enrolled_entry(NOW, "s" * 26),
        retired_entry(NOW, "s" * 26),
    )
