# SPDX-License-Identifier: Apache-2.0
"""The office's computer and another one of the school, on one storage."""

from dataclasses import dataclass
from pathlib import Path

from agent import bootstrap, enrolment, office, pipeline, rounds
from agent import site as layout
from agent.cli.say_command import tokens_of
from agent.cli.site_commands import first_records
from agent.core.attribution import NOBODY_ELSE
from agent.core.case import Record
from agent.core.desk import Act, SayPresent
from agent.core.ledger import EntryKind, decode_entry
from agent.core.model import CaseId
from agent.core.who import AccountId, Role, Who
from agent.handing_in import HandedIn, hand_in
from agent.ports import Outcome
from tests.site.conftest import School, picture

OFFICER = Who(account=AccountId("o" * 26), role=Role.OFFICE)
HEAD = Who(account=AccountId("h" * 26), role=Role.HEAD)
REFERENCE = "WS-2026-004711"


@dataclass
class Two:
    """The office's computer, and another one in the school."""

    first: School
    second: School

    @property
    def office(self) -> bootstrap.Site:
        return bootstrap.load_site(self.first.folder)

    @property
    def station(self) -> bootstrap.Site:
        return bootstrap.load_site(self.second.folder)

    @property
    def inbox(self) -> Path:
        return self.first.vault / "inbox" / self.station.station.station

    def say(self, act: Act, by: Who = OFFICER) -> HandedIn:
        return hand_in(self.office, act, by, self.station.station.station)

    def round(self) -> list[Record]:
        """Let the station work once; return what it processed."""
        with bootstrap.open_ports(self.station) as (ports, _):
            steps = list(rounds.drain(ports, 0.1))
            pipeline.publish_ledger(ports)
        return [step.record for step in steps if isinstance(step, Outcome)]

    def record(self, case: CaseId) -> Record:
        with bootstrap.open_journal(self.station) as journal:
            found = journal.find(case)
        assert found is not None
        return found

    def answers(self) -> dict[str, str]:
        """Return what the station's ledger in the storage says of acts."""
        folder = self.first.vault / "ledgers" / self.station.station.station / "entries"
        lines = [
            line for p in sorted(folder.glob("*.jsonl")) for line in p.read_bytes().splitlines()
        ]
        entries = [decode_entry(line) for line in lines]
        return {
            str(entry.body["item"]): str(entry.body["settled"])
            for entry in entries
            if entry.kind is EntryKind.ACT_SETTLED
        }


def two_of(a_school: School, name: str = "second") -> Two:
    """Let a second computer join a school."""
    site = bootstrap.load_site(a_school.folder)
    folder = a_school.base / name
    invitation = enrolment.read_invitation(enrolment.invite(site))
    request = enrolment.join(
        layout.JoinPlan(
            folder=folder,
            invitation=invitation,
            vault=str(site.vault_folder),
            settle_seconds=0.1,
        )
    )
    first_records(folder)
    enrolment.enrol(site, enrolment.read_request(request))
    return Two(a_school, School(folder, a_school.base))


def a_picture(two: Two, place: str = "camera-1/1.JPG", scene: int = 1) -> Record:
    """Let a picture of nobody known arrive at the station."""
    two.second.drop(place, picture(scene))
    (record,) = two.round()
    return record


def amara_is_in(two: Two, case: CaseId) -> SayPresent:
    people = tokens_of(office.newest_register(two.office), ("P01",))
    return SayPresent(case=case, people=people, present=NOBODY_ELSE)
