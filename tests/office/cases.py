# SPDX-License-Identifier: Apache-2.0
"""Cases in the journal of an invented school: real clues, a real register, decided by the rules.

school = Cases(office_site)
record = school.put(folder="3B", tags=["Amara Okafor"], faces=1)
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from agent import bootstrap
from agent import site as layout
from agent.adapters.journal import Journal
from agent.core.attribution import NOBODY_ELSE, Present
from agent.core.case import FileIdentity, Proof, Record, State
from agent.core.concerns import Concern
from agent.core.desk import Act, Item
from agent.core.model import CaseId, Clue, Evidence, Look, ObjectId, Shot, Tag, TagSource, Token
from agent.core.statements import Statement, StatementKind
from agent.core.who import Who
from agent.deciding import begin_round, decide, sittings_of
from agent.ports import Looking
from agent.site import new_id
from service.office.house import House, now
from service.office.library import index
from service.office.record.models import Event
from service.office.register import models, publishing
from service.office.register.acts.arrangement import AddDevice
from tests.builders import OFFICE
from tests.office.cast import person as account

SERIAL = "0123"
TAKEN = datetime(2026, 11, 20, 10, 0)  # noqa: DTZ001 - a camera's own time


class Cases:
    """The cases of one school; the register is published anew before each is decided."""

    def __init__(self, house: House) -> None:
        self.house, self.site = house, house.site()
        self.clues = bootstrap.clues_of(self.site)
        self.path = house.folder / layout.JOURNAL
        if not models.Device.objects.exists():
            AddDevice(
                by=account("hana"), name="Camera 1", make="Canon", model="EOS", serials=SERIAL
            ).do()

    def put(self, **what: object) -> Record:
        """Let one picture be decided and indexed; the last of `put_all`."""
        return self.put_all(self.evidence(**what))[-1]  # type: ignore[arg-type]  # the same words

    def evidence(
        self,
        *,
        folder: str = "3B",
        tags: Sequence[str] = (),
        faces: int | None = 1,
        serial: str = SERIAL,
        taken: datetime | None = TAKEN,
        cards: tuple[str, ...] = (),
        notes: Iterable[Concern] = (),
        pixels: str = "",
    ) -> Evidence:
        folders = frozenset({self.clues.folder(folder)}) if folder else frozenset()
        shot = None
        if taken is not None:
            shot = Shot(body=self.clues.body(SERIAL), taken=taken, number=0)
        return Evidence(
            shot=shot,
            look=Look(faces=faces, pixels=self.clues.pixels(pixels or new_id()), outline=None),
            cards=cards,
            notes=frozenset(notes),
            serials=frozenset({self.clues.serial(serial)}) if serial else frozenset(),
            folders=folders,
            tags=tuple(Tag(source=TagSource.REGION, name=self.clues.name(name)) for name in tags),
            captured_on=None if taken is None else taken.date(),
            arrived_on=now().today,
        )

    def put_all(self, *evidence: Evidence, group: bool = False) -> list[Record]:
        """Decide pictures together, write them into the journal, index them."""
        _publish()
        cases = [CaseId(new_id()) for _ in evidence]
        with self.looking() as known:
            this = begin_round(known, dict(zip(cases, evidence, strict=True)))
            made = [self._record(known, case, cases if group else [], this) for case in cases]
        self.write(*made)
        return made

    def write(self, *records: Record) -> None:
        with Journal(self.path) as journal:
            journal.put(records)
        index.catch_up()

    def again(self, record: Record) -> Record:
        """Decide a case again, as the agent does when something has changed."""
        _publish()
        with self.looking() as known:
            found = known.journal.find(record.case)
            assert found is not None
            facts, ruling = decide(
                known, found.case, found.evidence, found.group, begin_round(known)
            )
        changed = replace(found, facts=facts, ruling=ruling)
        self.write(changed)
        return changed

    def say(self, record: Record, *people: models.Person, present: Present = NOBODY_ELSE) -> Record:
        """Say who is in a picture, and let it be decided again."""
        return self._say(record, record.case, StatementKind.PRESENT, people, present)

    def say_absent(self, record: Record, *people: models.Person) -> Record:
        """Say who of its class was not at the sitting of a picture."""
        with self.looking() as known:
            names = sittings_of(known, record.case, record.evidence, begin_round(known))
        (name,) = names.values()
        return self._say(record, name, StatementKind.ABSENT, people, NOBODY_ELSE)

    def hand_in(self, act: Act, by: Who = OFFICE) -> None:
        """Leave an act on the desk, where no agent takes it in."""
        with bootstrap.open_desk(self.site) as desk:
            desk.put(Item(id=new_id(), act=act, by=by, at=now().at))

    def looking(self) -> "_Looking":
        return _Looking(self.site, self.house)

    def _say(
        self,
        record: Record,
        about: str,
        kind: StatementKind,
        people: Sequence[models.Person],
        present: Present,
    ) -> Record:
        tokens = tuple(Token(one.tokens.get().token) for one in people)
        with Journal(self.path) as journal:
            statement = Statement(
                id=new_id(), about=about, kind=kind, people=tokens, present=present, at=now().at,
                by=OFFICE,
            )  # fmt: skip
            journal.say([statement])
        return self.again(record)

    def _record(
        self, known: Looking, case: CaseId, group: Sequence[CaseId], this: object
    ) -> Record:
        evidence = this.arriving[case]  # type: ignore[attr-defined]  # a Round
        facts, ruling = decide(known, case, evidence, group, this)  # type: ignore[arg-type]  # one
        digest = hashlib.sha256(case.encode()).hexdigest()
        return Record(
            case=case,
            state=State.DONE,
            kind="JPEG",
            object=ObjectId(new_id()),
            proof=Proof(body_sha256=digest, body_size=10, slip_sha256=digest),
            evidence=evidence,
            facts=facts,
            ruling=ruling,
            source=FileIdentity(
                place=Clue(new_id()), size=1, modified_ns=2, changed_ns=3, number=4
            ),
            arrived_at=now().at,
            group=tuple(other for other in group if other != case),
            discard=True,
        )


def _publish() -> None:
    """Publish the register if anything was done since."""
    newest = models.Publication.objects.order_by("-version").first()
    upto = 0 if newest is None else newest.upto
    if Event.objects.filter(number__gt=upto).exclude(kind="register.published").exists():
        publishing.publish()


class _Looking:
    """What the rules may know, by the clock of the test."""

    def __init__(self, site: bootstrap.Site, house: House) -> None:
        self._opened, self._house = bootstrap.open_looking(site), house

    def __enter__(self) -> Looking:
        return replace(self._opened.__enter__(), clock=self._house.clock)

    def __exit__(self, *why: object) -> None:
        self._opened.__exit__(*why)  # type: ignore[arg-type]  # as it came


def on(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """Return a time of a camera."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC).replace(tzinfo=None)
