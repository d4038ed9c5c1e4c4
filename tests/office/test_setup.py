# SPDX-License-Identifier: Apache-2.0
"""The first run: only with the printed code, resumable, from nothing to a station that reads."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from agent import bootstrap, durable, lock, rounds, trial
from agent import site as layout
from agent.cli.site_commands import first_records
from agent.core.case import State
from agent.seal.hybrid import HybridIdentity
from service.office.accounts.models import RoleGrant, SignInCode, Tries, User
from service.office.house import House
from service.office.middleware import SECOND
from service.office.record.models import Event
from service.office.setup import acts, code, keys, queries
from service.office.setup.models import SetupStep
from tests.office.cast import PASSWORD, enter


@pytest.fixture
def empty(office: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house in which nobody has an account yet."""
    on = "" if connection.vendor == "sqlite" else " ON record_event"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER record_event_delete_refused{on}")
    for model in (Event, SignInCode, RoleGrant, Tries, User):
        model.objects.all().delete()
    monkeypatch.setattr(acts, "WORK_FACTOR", 6)
    keys._SHOWN.clear()
    return office


def a_browser() -> Client:
    return Client(headers={"host": "localhost"})


def a_head(client: Client) -> None:
    printed = code.fresh()
    client.post("/set-up/", {"code": printed})
    said = {"name": "Hana Head", "username": "hana", "password": PASSWORD, "again": PASSWORD}
    assert client.post("/set-up/head", said).headers["Location"] == "/set-up/steps"


def test_everything_leads_to_the_first_run_while_nobody_has_an_account(empty: House) -> None:
    assert empty.folder.exists()
    assert a_browser().get("/").headers["Location"] == "/set-up/"
    assert a_browser().get("/children").headers["Location"] == "/set-up/"


def test_without_the_printed_code_nobody_becomes_head(empty: House) -> None:
    assert code.fresh()
    client = a_browser()
    assert b"not the code" in client.post("/set-up/", {"code": "ABCDEFGHJKMN"}).content
    assert client.get("/set-up/head").headers["Location"] == "/set-up/"
    assert not User.objects.exists()
    assert empty.folder.exists()


def test_the_head_signs_in_with_a_second_factor_before_anything_else(empty: House) -> None:
    client = a_browser()
    a_head(client)
    assert client.get("/set-up/steps").headers["Location"] == "/me/factors"
    assert a_browser().get("/set-up/").headers["Location"] == "/sign-in"
    assert code.fresh() is None
    assert empty.folder.exists()


WORDS = "cedar lantern otter mitten"


def a_proven_head() -> Client:
    client = a_browser()
    a_head(client)
    session = client.session
    session[SECOND] = True
    session.save()
    return client


def make_keys(client: Client) -> None:
    said = {"school": "Larkfield Primary", "passphrase": WORDS, "again": WORDS}
    assert client.post("/set-up/keys", said).headers["Location"] == "/set-up/recovery"


def keys_done() -> bool:
    done = {step.word: step.done for step in queries.steps()}
    return done["The school's keys, and the recovery key in the safe"]


def test_from_nothing_to_keys_that_a_station_can_use(empty: House) -> None:
    client = a_proven_head()
    make_keys(client)
    shown = client.get("/set-up/recovery")
    text = keys.recovery()
    assert text is not None
    assert text.encode() in shown.content
    assert client.post("/set-up/recovery", {"ending": "WRONGEND"}).status_code == 200
    assert not keys_done()
    assert client.post("/set-up/recovery", {"ending": text[-8:].lower()}).status_code == 302
    assert keys.recovery() is None
    assert not (empty.folder / layout.UNPRINTED_RECOVERY).exists()
    bootstrap.check_site(bootstrap.load_site(empty.folder))
    assert keys_done()


def test_a_restart_before_the_print_keeps_the_recovery_key(empty: House) -> None:
    client = a_proven_head()
    make_keys(client)
    text = keys.recovery()
    keys._SHOWN.clear()  # what a restart forgets
    assert client.get("/set-up/keys").headers["Location"] == "/set-up/recovery"
    asked = client.get("/set-up/recovery")
    assert b"Nothing is lost" in asked.content
    wrong = client.post("/set-up/recovery", {"passphrase": "four other words here"})
    assert b"not the passphrase" in wrong.content
    client.post("/set-up/recovery", {"passphrase": WORDS})
    assert text is not None
    assert text.encode() in client.get("/set-up/recovery").content
    recipient = HybridIdentity.parse(text).recipient()
    assert str(recipient) == bootstrap.load_site(empty.folder).station.keys.recovery


class PowerCut(BaseException):
    """The power fails."""


@pytest.mark.parametrize("written", range(10))
def test_a_power_cut_while_keys_are_made_is_mended_by_trying_again(
    empty: House, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    """Whatever file was the last one, the next try ends with keys whose recovery key is known."""
    client = a_proven_head()
    whole, count = durable.write_new, iter(range(100))

    def failing(path: Path, chunks: Iterable[bytes], *, private: bool = False) -> None:
        if next(count) > written:
            raise PowerCut
        whole(path, chunks, private=private)

    monkeypatch.setattr(durable, "write_new", failing)
    with pytest.raises(PowerCut):
        make_keys(client)
    monkeypatch.setattr(durable, "write_new", whole)
    keys._SHOWN.clear()
    if not empty.has_site:
        make_keys(client)
    client.get("/set-up/steps")
    assert not (empty.folder / keys.MAKING).exists()
    assert keys.unlock(WORDS)
    text = keys.recovery()
    assert text is not None
    assert str(HybridIdentity.parse(text).recipient()) == empty.site().station.keys.recovery
    bootstrap.check_site(empty.site())


def test_a_power_cut_after_the_last_file_is_mended_by_looking(
    empty: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = a_proven_head()

    def failing(_folder: Path) -> None:
        raise PowerCut

    whole = first_records
    monkeypatch.setattr(keys, "first_records", failing)
    with pytest.raises(PowerCut):
        make_keys(client)
    monkeypatch.setattr(keys, "first_records", whole)
    keys._SHOWN.clear()
    assert client.get("/set-up/steps").status_code == 200
    with bootstrap.open_ledger(empty.site()) as ledger:
        assert ledger.size() == 1
    assert client.get("/set-up/keys").headers["Location"] == "/set-up/recovery"


def test_keys_that_were_there_are_never_made_anew(empty: House) -> None:
    """A folder with keys but without station.toml may be a restored backup."""
    client = a_proven_head()
    kept = empty.folder / "keys" / "station-signing.key"
    kept.parent.mkdir()
    kept.write_text("precious")
    said = {"school": "Larkfield Primary", "passphrase": WORDS, "again": WORDS}
    for _ in range(2):
        assert b"not empty" in client.post("/set-up/keys", said).content
    assert kept.read_text() == "precious"


def test_a_folder_is_added_and_taken_off_and_comments_stay(
    office_site: House, tmp_path: Path
) -> None:
    client = enter("hana")
    before = (office_site.folder / "station.toml").read_text()
    folder = tmp_path / 'Fotos "5"'
    folder.mkdir()
    said = {"path": str(folder), "originals": "keep", "device": "camera-1"}
    assert client.post(reverse("setup:folder_add"), said).status_code == 302
    added = office_site.site().import_folders[1]
    assert (added.path, added.delete_originals, added.device) == (folder, False, "camera-1")
    after = (office_site.folder / "station.toml").read_text()
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    bootstrap.check_site(office_site.site())
    sure = {"path": str(folder), "sure": "yes"}
    assert (
        b"stays there" in client.post(reverse("setup:folder_remove"), {"path": str(folder)}).content
    )
    assert client.post(reverse("setup:folder_remove"), sure).status_code == 302
    assert (office_site.folder / "station.toml").read_text() == before
    kinds = list(Event.objects.order_by("number").values_list("kind", flat=True))
    assert kinds[-2:] == ["folders.changed", "folders.changed"]


REFUSED = {
    "relative": ("import-2", "whole path"),
    "missing": ("{site}/../nowhere", "no such folder"),
    "cloud": ("{made}/OneDrive - Larkfield", "cloud service"),
    "link": ("{made}/link", "link"),
    "state": ("{site}/state", "itself keeps"),
    "whole site": ("{site}", "itself keeps"),
    "below another": ("{site}/import/camera-1", "another import folder"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_folder_that_the_agent_refuses_is_refused_and_why(
    office_site: House, tmp_path: Path, case: str
) -> None:
    for name in ("OneDrive - Larkfield", "real"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (office_site.folder / "import" / "camera-1").mkdir()
    path, why = REFUSED[case]
    before = (office_site.folder / "station.toml").read_bytes()
    said = {"path": path.format(site=office_site.folder, made=tmp_path), "originals": "delete"}
    answer = enter("hana").post(reverse("setup:folder_add"), said)
    assert answer.status_code == 200
    assert why in answer.content.decode()
    assert (office_site.folder / "station.toml").read_bytes() == before
    assert not Event.objects.filter(kind="folders.changed").exists()


def test_the_last_folder_stays(office_site: House) -> None:
    said = {"path": "import", "sure": "yes"}
    assert b"only folder" in enter("hana").post(reverse("setup:folder_remove"), said).content
    assert len(office_site.site().import_folders) == 1


def test_a_test_picture_goes_the_whole_way_and_nothing_else_does(office_site: House) -> None:
    other = office_site.folder / "import" / "other.jpg"
    other.write_bytes(trial.draw())
    shown = enter("hana").post(reverse("setup:photo"), {"folder": "0"}).content.decode()
    assert "It passed through" in shown
    assert "Waits" not in shown
    assert SetupStep.objects.filter(step="test_photo").exists()
    with bootstrap.open_journal(office_site.site()) as journal:
        (record,) = journal.all()
    assert record.state is State.DONE
    assert other.exists()
    assert not list(other.parent.glob("photowarden-test-*"))


def test_a_test_picture_waits_for_the_agent_that_is_running(
    office_site: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "_PATIENCE_SECONDS", 0.0)
    client = enter("hana")
    with lock.only_agent(office_site.folder / layout.LOCK):
        shown = client.post(reverse("setup:photo"), {"folder": "0"}).content.decode()
    assert "has not gone the whole way yet" in shown
    assert not SetupStep.objects.filter(step="test_photo").exists()
    with bootstrap.open_ports(office_site.site()) as (ports, _):
        for _ in rounds.drain(ports, 3.0):
            pass
    assert "It passed through" in client.get(reverse("setup:photo")).content.decode()


def test_keys_of_an_earlier_init_are_taken_over(office_site: House) -> None:
    client = enter("hana")
    assert client.get("/set-up/keys").headers["Location"] == "/set-up/steps"
    client.get("/set-up/steps")
    assert SetupStep.objects.filter(step="keys").exists()
    assert office_site.has_site


@pytest.mark.usefixtures("office_site")
def test_the_first_run_ends_only_when_every_step_is_done() -> None:
    client = enter("hana")
    client.post(reverse("setup:finish"))
    assert not queries.all_done()
    assert b"first run is not finished" in client.get("/").content
