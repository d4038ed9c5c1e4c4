# SPDX-License-Identifier: Apache-2.0
"""Two computers on one storage: what the office says reaches the one that holds the picture."""

import pytest

from agent import bootstrap, elsewhere, enrolment, posting, receiving, rounds
from agent.absorbing import note_strangers
from agent.adapters.vault import FolderVault
from agent.core.case import Proof, State
from agent.core.concerns import Verdict
from agent.core.desk import Freeze, Release, Seen
from agent.core.errors import ConfigurationError
from agent.core.ledger_lines import Line
from agent.core.model import CaseId, ObjectId
from agent.handing_in import HandedIn, hand_in
from tests.site.conftest import School, picture
from tests.site.two import HEAD, OFFICER, REFERENCE, Two, a_picture, amara_is_in, two_of


@pytest.fixture
def two(a_school: School) -> Two:
    return two_of(a_school)


def test_who_is_in_a_picture_is_said_here_and_decided_there(two: Two) -> None:
    case = a_picture(two).case
    assert two.record(case).ruling.verdict is Verdict.HOLD
    told = two.say(amara_is_in(two, case))
    assert (told.settled, told.waits_for) == (None, posting.ASKED)
    (path,) = two.inbox.iterdir()
    assert path.name == f"{told.item.id}.age"
    assert case.encode() not in path.read_bytes()
    two.round()
    assert two.record(case).ruling.verdict is Verdict.KEEP
    assert two.answers() == {told.item.id: "done"}
    two.round()
    assert list(two.inbox.iterdir()) == []
    assert two.second.run("verify").code == 0


def test_a_freeze_stops_the_other_computer_before_its_next_write(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is handed in while the other computer reads the picture back: the original stays."""
    monkeypatch.setattr(receiving, "EVERY_SECONDS", 0.0)
    matches = FolderVault.matches
    said: list[HandedIn] = []

    def read_back(vault: FolderVault, object_id: ObjectId, proof: Proof) -> bool:
        with bootstrap.open_journal(two.station) as journal:
            (record,) = journal.unfinished()
        said.append(two.say(Freeze(case=record.case)))
        return matches(vault, object_id, proof)

    monkeypatch.setattr(FolderVault, "matches", read_back)
    original = two.second.drop("camera-1/3B/1.JPG", picture())
    two.round()
    case = said[0].item.act.case  # type: ignore[union-attr]  # a freeze
    assert original.exists()
    record = two.record(case)
    assert (record.state, record.cleared_at) == (State.SEALED, None)
    assert two.answers() == {said[0].item.id: "done"}
    assert two.round() == []
    assert (original.exists(), two.record(case)) == (True, record)


def test_what_is_posted_is_of_no_use_to_another_computer(two: Two) -> None:
    """Whoever controls the share copies it to the office's own station, and brings it back."""
    case = a_picture(two).case
    told = two.say(Freeze(case=case))
    name = f"{told.item.id}.age"
    kept = (two.inbox / name).read_bytes()
    own = two.first.vault / "inbox" / two.office.station.station
    own.mkdir()
    (own / name).write_bytes(kept)
    with bootstrap.open_ports(two.office) as (ports, _):
        list(rounds.drain(ports, 0.1))
        assert note_strangers(ports) == 1
        assert ports.journal.freezes() == []
    two.round()
    assert two.say(Release(case=case, reference=REFERENCE), HEAD).settled is None
    two.round()
    (two.inbox / name).write_bytes(kept)
    two.round()
    with bootstrap.open_journal(two.station) as journal, bootstrap.open_desk(two.station) as desk:
        assert not bootstrap.frozen_by(journal, desk)


def test_the_reference_stands_nowhere_in_the_storage(two: Two) -> None:
    case = a_picture(two).case
    two.say(Freeze(case=case))
    told = two.say(Release(case=case, reference=REFERENCE), HEAD)
    two.round()
    assert two.answers()[told.item.id] == "done"
    for path in [path for path in two.first.vault.rglob("*") if path.is_file()]:
        assert REFERENCE.encode() not in path.read_bytes()


def test_an_act_waits_here_while_the_storage_is_away(two: Two) -> None:
    case = a_picture(two).case
    away = two.first.vault.rename(two.first.base / "away")
    told = two.say(Freeze(case=case))
    assert told.waits_for == "vault.unavailable"
    with bootstrap.open_journal(two.office) as journal, bootstrap.open_desk(two.office) as desk:
        assert case in bootstrap.frozen_by(journal, desk)
    away.rename(two.first.vault)
    with bootstrap.open_desk(two.office) as desk:
        assert posting.deliver(two.office, desk) == 1
    two.round()
    assert two.answers() == {told.item.id: "done"}


def test_a_folder_that_is_not_the_storage_gets_no_post(two: Two) -> None:
    (two.first.vault / "vault.json").write_bytes(b"another")
    assert two.say(Freeze(case=CaseId("x" * 26))).waits_for == "vault.not_approved"
    assert not two.inbox.exists()


@pytest.mark.slow
def test_a_retired_computers_picture_can_be_frozen_and_released_and_nothing_else(two: Two) -> None:
    case = a_picture(two).case
    enrolment.retire(two.office, two.station.station.station)
    with pytest.raises(ConfigurationError) as refused:
        two.say(Seen(case=case))
    assert refused.value.code == "station.retired"
    two.say(Freeze(case=case))
    assert not two.inbox.exists()
    with bootstrap.open_journal(two.office) as journal, bootstrap.open_desk(two.office) as desk:
        assert case in bootstrap.frozen_by(journal, desk)


def test_a_computer_that_nobody_enrolled_gets_no_post(two: Two) -> None:
    with pytest.raises(ConfigurationError) as refused:
        hand_in(two.office, Freeze(case=CaseId("x" * 26)), OFFICER, "z" * 26)
    assert refused.value.code == "station.unknown"


@pytest.mark.slow
def test_what_is_posted_is_in_the_order_in_which_it_was_said(two: Two) -> None:
    case = a_picture(two).case
    times = [two.say(Seen(case=case)).item.at for _ in range(3)]
    assert times == sorted(set(times))


def test_it_goes_to_the_computer_whose_ledger_tells_of_the_case(two: Two) -> None:
    case = a_picture(two).case
    elsewhere.keep_up(two.office)
    told = hand_in(two.office, amara_is_in(two, case), OFFICER)
    assert [path.stem for path in two.inbox.iterdir()] == [told.item.id]
    own = hand_in(two.office, Freeze(case=CaseId("x" * 26)), OFFICER)
    assert own.settled is not None


def test_a_case_that_two_computers_claim_can_only_be_frozen_at_both(two: Two) -> None:
    """One of them lies, and nobody knows which."""
    case = a_picture(two).case
    elsewhere.keep_up(two.office)
    third = two_of(two.first, "third").station.station.station
    with elsewhere.open_elsewhere(two.office) as known, known.reading(third) as reader:
        body = {"case": case, "object": "o" * 26}
        reader.take(Line("2026-11-01T10:00:00Z", body, "x", "photo.stored"))
    with pytest.raises(ConfigurationError) as refused:
        hand_in(two.office, amara_is_in(two, case), OFFICER)
    assert refused.value.code == "case.claimed_twice"
    hand_in(two.office, Freeze(case=case), OFFICER)
    inbox = two.first.vault / "inbox"
    assert sorted(p.parent.name for p in inbox.rglob("*.age")) == sorted([two.inbox.name, third])


def test_the_commands_reach_a_picture_of_another_computer(two: Two) -> None:
    case = a_picture(two).case
    elsewhere.keep_up(two.office)
    assert two.first.opened(case).startswith(b"\xff\xd8")
    said = two.first.run("say", case[:8], "--person", "P01")
    assert (said.code, "next round" in said.out) == (0, True), said.err
    two.round()
    assert two.record(case).ruling.verdict is Verdict.KEEP
    frozen = two.first.run("freeze", case, "--json")
    assert frozen.lines == [{"case": case, "frozen": True, "recorded": False}]
    with pytest.raises(AssertionError, match="frozen"):
        two.first.opened(case)
