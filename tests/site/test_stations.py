# SPDX-License-Identifier: Apache-2.0
"""A second computer joins the school's storage with keys of its own, and one is retired."""

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from agent import bootstrap, enrolment, office, stations
from agent import site as layout
from agent.cli.site_commands import first_records
from agent.core.errors import ConfigurationError
from agent.core.ledger import EntryKind, decode_entry
from agent.core.register import Register
from agent.core.stations import Station
from agent.demo import school
from agent.seal.hybrid import HybridIdentity
from agent.seal.notes import SignedNote, sign
from tests.site.conftest import School, picture


def invited(a_school: School, name: str = "second") -> tuple[School, Station, bytes]:
    """Make another computer of a school; its request is on the way."""
    site = bootstrap.load_site(a_school.folder)
    note = enrolment.invite(site)
    folder = a_school.base / name
    request = enrolment.join(
        layout.JoinPlan(
            folder=folder,
            invitation=enrolment.read_invitation(note),
            vault=str(site.vault_folder),
            settle_seconds=0.1,
        )
    )
    first_records(folder)
    return School(folder, a_school.base), enrolment.read_request(request), request


@dataclass
class Pair:
    first: School
    second: School
    station: Station

    @property
    def site(self) -> bootstrap.Site:
        return bootstrap.load_site(self.first.folder)

    @property
    def other(self) -> bootstrap.Site:
        return bootstrap.load_site(self.second.folder)


@pytest.fixture
def pair(a_school: School) -> Pair:
    second, station, _ = invited(a_school)
    enrolment.enrol(bootstrap.load_site(a_school.folder), station)
    return Pair(a_school, second, station)


def version_at(site: bootstrap.Site) -> int:
    answer = bootstrap.registrar_of(site).register(bootstrap.clock_of(site).now())
    return answer.version if isinstance(answer, Register) else 0


def test_an_enrolled_computer_keeps_what_the_register_allows(pair: Pair) -> None:
    pair.second.drop("camera-1/3B/1.JPG", picture())
    (line,) = pair.second.process().values()
    assert (line["verdict"], line["stored"], line["original"]) == ("KEEP", True, "deleted")
    for one in (pair.first, pair.second):
        assert one.run("verify").code == 0


def test_before_it_is_enrolled_everything_is_held(a_school: School) -> None:
    second, _, _ = invited(a_school)
    second.drop("camera-1/3B/1.JPG", picture())
    (line,) = second.process().values()
    assert (line["verdict"], line["concerns"]) == ("HOLD", ["register.missing"])


def test_each_publication_goes_to_every_computer(pair: Pair) -> None:
    assert version_at(pair.other) == 1
    assert pair.first.publish().code == 0
    assert (version_at(pair.site), version_at(pair.other)) == (2, 2)


def test_a_register_is_sealed_to_one_computer_each(pair: Pair) -> None:
    sealed = bootstrap.snapshots_of(pair.site, pair.station.id).newest()
    assert sealed is not None
    from agent.seal.errors import NoMatch  # noqa: PLC0415 - one use
    from agent.seal.sealing import open_bytes  # noqa: PLC0415 - one use

    open_bytes(sealed, [bootstrap.station_identity(pair.other)])
    with pytest.raises(NoMatch):
        open_bytes(sealed, [bootstrap.station_identity(pair.site)])


def test_no_two_computers_share_a_secret(pair: Pair) -> None:
    for name in (layout.STATION_IDENTITY, layout.STATION_SIGNER, layout.EVIDENCE_KEY):
        one, other = ((s.folder / name).read_bytes() for s in (pair.first, pair.second))
        assert one != other
        for secret in (one.split()[-1], other.split()[-1]):
            assert all(secret not in p.read_bytes() for p in pair.first.vault.rglob("*.*"))
    assert not (pair.second.folder / "office").exists()


def test_a_retired_computer_gets_no_register_any_more(pair: Pair) -> None:
    retired = enrolment.retire(pair.site, pair.station.id[:8])
    assert retired.retired
    assert pair.first.publish().code == 0
    assert (version_at(pair.site), version_at(pair.other)) == (2, 1)
    assert pair.station.id not in stations.heard_of(pair.site)
    with pytest.raises(ConfigurationError, match="retired"):
        enrolment.enrol(pair.site, pair.station)


@pytest.mark.slow
def test_an_old_note_in_the_vault_makes_no_retired_computer_a_reader(pair: Pair) -> None:
    note = pair.first.vault / "stations" / f"{pair.station.id}.note"
    kept = note.read_bytes()
    enrolment.retire(pair.site, pair.station.id)
    note.write_bytes(kept)
    assert pair.first.publish().code == 0
    assert version_at(pair.other) == 1


@pytest.mark.slow
def test_a_note_that_the_office_did_not_sign_is_no_station(pair: Pair) -> None:
    identity = HybridIdentity.generate()
    _, signer = layout.join_site(
        layout.JoinPlan(
            folder=pair.first.base / "stranger",
            invitation=enrolment.read_invitation(enrolment.invite(pair.site)),
            vault="x",
        )
    )
    stranger = Station(
        id=signer.name.rpartition("/")[2],
        recipient=str(identity.recipient()),
        verifier=str(signer.verifier()),
    )
    for folder in (pair.first.vault / "stations", pair.first.folder / layout.OFFICE_STATIONS):
        (folder / f"{stranger.id}.note").write_bytes(sign(stranger.text(), signer))
    assert stranger.id not in {one.id for one in stations.readers(pair.site)}
    assert stranger.id not in stations.heard_of(pair.site)


@pytest.mark.slow
def test_enrolling_twice_changes_nothing(pair: Pair) -> None:
    before = sorted(path.name for path in pair.first.vault.rglob("*"))
    assert enrolment.enrol(pair.site, pair.station)
    assert sorted(path.name for path in pair.first.vault.rglob("*")) == before
    with bootstrap.open_ledger(pair.site, read_only=True) as ledger:
        kinds = [decode_entry(line).kind for line in ledger.lines()]
    assert kinds.count(EntryKind.STATION_ENROLLED) == 1


def test_this_computer_cannot_retire_itself(pair: Pair) -> None:
    for name in (pair.site.station.station, "", "zzz"):
        with pytest.raises(ConfigurationError, match="no other station"):
            enrolment.retire(pair.site, name)


@pytest.mark.parametrize("cut", [b"office", b"recovery", b"vault"])
def test_a_changed_invitation_is_refused(a_school: School, cut: bytes) -> None:
    note = enrolment.invite(bootstrap.load_site(a_school.folder))
    at = note.index(b'"' + cut + b'":"') + len(cut) + 12
    spoilt = note[:at] + (b"q" if note[at : at + 1] != b"q" else b"p") + note[at + 1 :]
    with pytest.raises(ConfigurationError, match="not an invitation"):
        enrolment.read_invitation(spoilt)


def test_a_changed_request_is_refused(a_school: School) -> None:
    _, _, request = invited(a_school)
    with pytest.raises(ConfigurationError, match="not a station's request"):
        enrolment.read_request(request.replace(b"age1pq1", b"age1pq1q", 1))


def test_a_request_of_somebody_else_has_another_fingerprint(a_school: School) -> None:
    _, _, request = invited(a_school)
    _, _, stranger = invited(a_school, "stranger")
    text = SignedNote.parse(stranger).text
    with pytest.raises(ConfigurationError, match="fingerprint"):
        enrolment.compared(text, enrolment.shown(request))


def test_the_whole_way_as_people_go_it(a_school: School, tmp_path: Path) -> None:
    invitation = tmp_path / "invitation"
    done = a_school.run("station", "invite", "--out", str(invitation))
    told = done.out.partition("Its fingerprint: ")[2].splitlines()[0]
    second = School(tmp_path / "second", tmp_path)
    words = ("station", "join", str(second.folder), "--invitation", str(invitation))
    vault = ("--vault", str(a_school.vault))
    wrong = second.run(*words, *vault, "--fingerprint", "1" * 30)
    assert (wrong.code, second.folder.exists()) == (2, False)
    done = second.run(*words, *vault, "--fingerprint", told)
    assert done.code == 0, done.err
    told = done.out.partition("Its fingerprint: ")[2].splitlines()[0]
    request = str(second.folder / "request.photowarden")
    assert a_school.run("station", "enrol", request, "--fingerprint", "1 2 3").code == 2
    done = a_school.run("station", "enrol", request, "--fingerprint", told)
    assert done.code == 0, done.err
    second.drop("camera-1/3B/1.JPG", picture())
    (line,) = second.process().values()
    assert line["verdict"] == "KEEP"
    listed = a_school.run("station", "list", "--json").lines
    assert [one["here"] for one in listed].count(True) == 1
    assert len(listed) == 2
    (told_status,) = a_school.run("status", "--json").lines
    assert ["station.unheard"] in [one["troubles"] for one in told_status["stations"]]


@pytest.mark.slow
def test_a_publication_that_was_cut_short_is_mended_by_the_next(pair: Pair) -> None:
    """The first computer has version 2, the second could not be written to."""
    folder = pair.first.vault / "snapshots" / pair.station.id
    shutil.move(folder, folder.with_name("away"))
    folder.write_text("in the way")
    rows = [(n, r) for n, r in enumerate(school.register_rows(date.today()), 2)]
    with pytest.raises(office.UnavailableError):
        office.publish(pair.site, office.plan_publication(pair.site, rows))
    folder.unlink()
    shutil.move(folder.with_name("away"), folder)
    assert (version_at(pair.site), version_at(pair.other)) == (2, 1)
    office.publish(pair.site, office.plan_publication(pair.site, rows))
    assert (version_at(pair.site), version_at(pair.other)) == (3, 3)
