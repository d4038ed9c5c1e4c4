# SPDX-License-Identifier: Apache-2.0
"""The office's computer knows the pictures of another one by that one's ledger, and opens them."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent import bootstrap, elsewhere, enrolment, opening, pipeline, posting
from agent import site as layout
from agent.adapters.elsewhere import Elsewhere
from agent.cli.common import read_identity
from agent.core.case import State
from agent.core.checkpoint import Checkpoint
from agent.core.concerns import Verdict
from agent.core.desk import Erase, Freeze, Release, Seen, Settled
from agent.core.elsewhere import CaseElsewhere
from agent.core.errors import ConfigurationError, IntegrityError
from agent.core.model import CaseId
from agent.handing_in import hand_in
from agent.seal.keys import Identity
from agent.seal.notes import Signer, sign, verify
from tests.site.conftest import School, picture
from tests.site.two import HEAD, OFFICER, REFERENCE, Two, a_picture, amara_is_in, two_of


@pytest.fixture
def two(a_school: School) -> Two:
    return two_of(a_school)


def known(two: Two, case: CaseId) -> CaseElsewhere:
    """Read what the other computer says, and return what is known of a case then."""
    assert elsewhere.keep_up(two.office) == {}
    found = elsewhere.find_elsewhere(two.office, case)
    assert found is not None
    return found


def changes(two: Two, after: int = 0, most: int = 100) -> tuple[list[CaseId], int]:
    with elsewhere.open_elsewhere(two.office) as store:
        found, number = store.changed(after, most)
    return [one.case for one in found], number


def answered(two: Two, item_id: str) -> Settled | None:
    with bootstrap.open_desk(two.office) as desk:
        return desk.answered(item_id)


def identity(two: Two) -> Identity:
    return read_identity(two.first.folder / layout.OFFICE_IDENTITY, two.first.base / "passphrase")


def content(two: Two, case: CaseElsewhere) -> bytes:
    with opening.opened(two.office, case, identity(two)) as (_, _, chunks):
        return b"".join(chunks)


def ledger(two: Two) -> Path:
    return two.first.vault / "ledgers" / two.station.station.station


def test_a_case_of_another_computer_is_known_as_its_ledger_tells_it(two: Two) -> None:
    record = a_picture(two)
    found = known(two, record.case)
    assert (found.station, found.object) == (two.station.station.station, record.object)
    assert (found.verdict, found.state) == (Verdict.HOLD, State.DONE)
    assert found.concerns == record.ruling.concerns
    assert found.register_version == record.ruling.register_version
    assert elsewhere.find_elsewhere(two.office, record.case, "z" * 26) is None
    two.say(amara_is_in(two, record.case))
    two.round()
    after = known(two, record.case)
    assert (after.verdict, after.people) == (
        Verdict.KEEP,
        tuple(amara_is_in(two, record.case).people),
    )


def test_it_is_opened_with_the_offices_identity(two: Two) -> None:
    record = a_picture(two)
    found = known(two, record.case)
    assert content(two, found).startswith(b"\xff\xd8")
    assert opening.sealed_facts(two.office, found, identity(two))["name"] == "camera-1/1.JPG"


def test_what_the_station_answers_is_heard_and_its_act_leaves_the_post(two: Two) -> None:
    case = a_picture(two).case
    seen = two.say(Seen(case=case)).item.id
    strange = two.say(Seen(case=CaseId("x" * 26))).item.id
    known(two, case)
    assert answered(two, seen) is None
    two.round()
    known(two, case)
    assert (answered(two, seen), answered(two, strange)) == (Settled.DONE, Settled.UNKNOWN_CASE)
    assert list(two.inbox.iterdir()) == []
    with bootstrap.open_desk(two.office) as desk:
        assert posting.deliver(two.office, desk) == 0


@pytest.mark.slow
def test_what_was_taken_out_of_the_post_is_brought_again(two: Two) -> None:
    case = a_picture(two).case
    told = two.say(Seen(case=case))
    (path,) = two.inbox.iterdir()
    path.unlink()
    known(two, case)
    two.round()
    assert two.answers() == {told.item.id: "done"}


def test_a_freeze_here_stops_opening_at_once_and_a_release_only_when_it_was_answered(
    two: Two,
) -> None:
    found = known(two, a_picture(two).case)
    with opening.opened(two.office, found, identity(two)) as (_, _, chunks):
        two.say(Freeze(case=found.case))
        with pytest.raises(ConfigurationError, match="frozen"):
            next(chunks)
    for step in (two.round, lambda: two.say(Release(case=found.case, reference=REFERENCE), HEAD)):
        step()
        elsewhere.keep_up(two.office)
        with pytest.raises(ConfigurationError, match="frozen"):
            content(two, found)
    two.round()
    assert content(two, found)
    assert elsewhere.frozen_elsewhere(two.office) == {}


def test_a_freeze_at_the_other_computer_is_known_when_somebody_wants_to_look(two: Two) -> None:
    found = known(two, a_picture(two).case)
    hand_in(two.station, Freeze(case=found.case, concerns_head=True), OFFICER)
    with bootstrap.open_ports(two.station) as (ports, _):
        pipeline.publish_ledger(ports)
    with pytest.raises(ConfigurationError, match="frozen"):
        content(two, found)
    (frozen,) = elsewhere.frozen_elsewhere(two.office).values()
    assert (frozen.concerns_head, frozen.freezes[0].by) == (True, OFFICER)
    two.say(Freeze(case=found.case))
    assert elsewhere.all_frozen(two.office)[found.case].concerns_head


@pytest.mark.slow
def test_what_arrived_as_one_with_a_frozen_picture_is_shut_too(two: Two) -> None:
    two.second.drop("camera-1/1.JPG", picture(1))
    two.second.drop("camera-1/1.PNG", picture(2))
    cases = [record.case for record in two.round()]
    found = [known(two, case) for case in cases]
    assert [one.group for one in found] == [(cases[1],), (cases[0],)]
    two.say(Freeze(case=cases[0]))
    for one in found:
        with pytest.raises(ConfigurationError, match="frozen"):
            content(two, one)


def test_an_erased_picture_is_known_to_be_gone(two: Two) -> None:
    case = a_picture(two).case
    two.say(Erase(case=case, proposed_by=HEAD))
    two.round()
    found = known(two, case)
    assert found.state is State.ERASED
    with pytest.raises(ConfigurationError, match="erased"):
        content(two, found)


@pytest.mark.slow
def test_only_what_changed_is_told_in_pages(two: Two) -> None:
    for scene in range(1, 4):
        two.second.drop(f"camera-1/{scene}.JPG", picture(scene))
    cases = [record.case for record in two.round()]
    known(two, cases[0])
    first, number = changes(two, most=2)
    rest, number = changes(two, number, most=2)
    assert sorted([*first, *rest]) == sorted(cases)
    assert changes(two, number) == ([], number)
    elsewhere.keep_up(two.office)
    assert changes(two, number) == ([], number)
    two.say(Freeze(case=cases[1]))
    two.round()
    elsewhere.keep_up(two.office)
    assert changes(two, number)[0] == [cases[1]]


@pytest.mark.slow
def test_two_readings_and_one_whole_reading_know_the_same(two: Two, tmp_path: Path) -> None:
    cases = [a_picture(two, f"camera-1/{scene}.JPG", scene).case for scene in (1, 2)]
    for case in cases:
        known(two, case)
        two.say(amara_is_in(two, case))
        two.round()
    by_parts = [known(two, case) for case in cases]
    (two.first.folder / layout.ELSEWHERE).rename(tmp_path / "aside")
    assert [known(two, case) for case in cases] == by_parts


# --- a storage that nobody trusts -----------------------------------------------------------------


def cut_off(two: Two) -> None:
    """Bring back the ledger as it was when it was empty."""
    shutil.rmtree(ledger(two))


def changed_line(two: Two) -> None:
    (path,) = (ledger(two) / "entries").iterdir()
    path.write_bytes(path.read_bytes().replace(b'"verdict":"HOLD"', b'"verdict":"KEEP"'))


def short(two: Two) -> None:
    (path,) = (ledger(two) / "entries").iterdir()
    path.write_bytes(path.read_bytes()[:-2])


def endless(two: Two) -> None:
    (path,) = (ledger(two) / "entries").iterdir()
    with path.open("r+b") as file:
        file.truncate((256 << 16) + 1)


def signed_by(signer: Callable[[Two], Signer], origin: str = "") -> Callable[[Two], None]:
    def spoil(two: Two) -> None:
        path = ledger(two) / "checkpoint"
        claim = Checkpoint.parse(verify(path.read_bytes(), [two.station.station_verifier]))
        path.write_bytes(sign(replace(claim, origin=origin or claim.origin).text(), signer(two)))

    return spoil


SPOILT: dict[str, Callable[[Two], None]] = {
    "changed": changed_line,
    "short": short,
    "endless": endless,
    "a stranger's": signed_by(lambda two: Signer.generate(two.station.station_verifier.name)),
    "the office's": signed_by(lambda two: bootstrap.signer_at(two.office, layout.OFFICE_SIGNER)),
    "another ledger's": signed_by(
        lambda two: bootstrap.signer_at(two.station, layout.STATION_SIGNER), "photowarden/other"
    ),
}


@pytest.mark.parametrize(
    "how",
    [how if how == "changed" else pytest.param(how, marks=pytest.mark.slow) for how in SPOILT],
)
def test_of_a_spoilt_ledger_nothing_counts(two: Two, how: str) -> None:
    case = a_picture(two).case
    SPOILT[how](two)
    (fault,) = elsewhere.keep_up(two.office).values()
    assert fault.code == "ledger.differs"
    assert elsewhere.find_elsewhere(two.office, case) is None
    assert changes(two) == ([], 0)


@pytest.mark.slow
def test_a_ledger_that_was_set_back_is_named_and_nothing_is_opened(two: Two) -> None:
    before = two.first.base / "before"
    found = known(two, a_picture(two).case)
    shutil.copytree(ledger(two), before)
    two.say(Freeze(case=found.case))
    two.round()
    elsewhere.keep_up(two.office)
    shutil.rmtree(ledger(two))
    shutil.copytree(before, ledger(two))
    (fault,) = elsewhere.keep_up(two.office).values()
    assert fault.code == "ledger.differs"
    with pytest.raises(IntegrityError):
        content(two, found)
    cut_off(two)
    assert list(elsewhere.keep_up(two.office)) == [found.station]


@pytest.mark.slow
def test_a_cut_while_a_ledger_is_read_costs_a_repetition(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = a_picture(two).case
    told = two.say(Freeze(case=case))
    two.round()
    for name in ("take", "ends"):
        with monkeypatch.context() as cut:
            cut.setattr(f"agent.adapters.elsewhere.Reader.{name}", _power_is_cut)
            with pytest.raises(ZeroDivisionError):
                elsewhere.keep_up(two.office)
        with Elsewhere(two.first.folder / layout.ELSEWHERE) as store:
            assert store.edge(two.station.station.station).size == 0
    assert known(two, case).case == case
    assert answered(two, told.item.id) is Settled.DONE
    assert list(elsewhere.frozen_elsewhere(two.office)) == [case]


def _power_is_cut(*_: object) -> None:
    raise ZeroDivisionError


@pytest.mark.slow
def test_a_retired_computers_ledger_ends_no_freeze(two: Two) -> None:
    """Whoever has that computer can write into its ledger."""
    found = known(two, a_picture(two).case)
    two.say(Freeze(case=found.case))
    two.round()
    elsewhere.keep_up(two.office)
    enrolment.retire(two.office, found.station)
    hand_in(two.station, Release(case=found.case, reference=REFERENCE), HEAD)
    with bootstrap.open_ports(two.station) as (ports, _):
        pipeline.publish_ledger(ports)
    assert elsewhere.keep_up(two.office) == {}
    with pytest.raises(ConfigurationError, match="frozen"):
        content(two, found)
    two.say(Release(case=found.case, reference=REFERENCE), HEAD)
    assert content(two, found)


@pytest.mark.slow
def test_a_retired_computers_own_freeze_is_not_ended_by_its_ledger(two: Two) -> None:
    found = known(two, a_picture(two).case)
    hand_in(two.station, Freeze(case=found.case), OFFICER)
    two.round()
    elsewhere.keep_up(two.office)
    enrolment.retire(two.office, found.station)
    hand_in(two.station, Release(case=found.case, reference=REFERENCE), HEAD)
    two.round()
    assert elsewhere.keep_up(two.office) == {}
    assert list(elsewhere.frozen_elsewhere(two.office)) == [found.case]
    two.say(Release(case=found.case, reference=REFERENCE), HEAD)
    assert elsewhere.frozen_elsewhere(two.office) == {}


def test_a_computer_without_the_office_knows_no_other(two: Two) -> None:
    with pytest.raises(ConfigurationError) as refused:
        elsewhere.find_elsewhere(two.station, CaseId("x" * 26))
    assert refused.value.code == "office.absent"
