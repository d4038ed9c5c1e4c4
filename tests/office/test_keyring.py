# SPDX-License-Identifier: Apache-2.0
"""Who can open sealed pictures, and everything that takes that away again."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from argon2.low_level import ARGON2_VERSION
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from django.test import Client
from django.urls import reverse

from agent.seal.header import Stanza
from service.office.accounts import acts as accounts
from service.office.accounts.models import RoleGrant
from service.office.acts import Refused
from service.office.house import House, now
from service.office.keyring import acts, holding, losing, wrapping
from service.office.keyring.models import KeyWrap, ReviewerKey
from service.office.keyring.shelf import Shelf
from service.office.record.models import Event
from service.office.roles import Role
from tests.office.cast import PASSWORD, SetClock, enter, person
from tests.office.keys import (
    CHEAP,
    OFFICE_PASSPHRASE,
    PASSPHRASE,
    enter_unlocked,
    give_access,
    unlock,
)
from tests.shared import REPOSITORY

pytestmark = pytest.mark.usefixtures("office_site")


@pytest.fixture(autouse=True)
def _nothing_held() -> None:
    holding.drop_all()


def keys() -> list[holding.OpenKey]:
    return list(holding._KEYS.values())


def kinds() -> list[str]:
    return list(Event.objects.order_by("number").values_list("kind", flat=True))


def test_the_passphrase_unlocks_this_session_only() -> None:
    give_access("olive")
    first, second = enter("olive"), enter("hana")
    unlock(first)
    assert len(keys()) == 1
    assert b"Lock now" in first.get("/").content
    assert b"Lock now" not in second.get("/").content


def test_a_wrong_passphrase_is_refused_recorded_and_then_slower() -> None:
    give_access("olive", "tariq")
    client = enter("olive")
    for _ in range(5):
        assert (
            b"This is not your passphrase"
            in client.post("/key/unlock", {"passphrase": "something else entirely"}).content
        )
    assert kinds().count("key.refused") == 5
    assert b"Too many tries" in client.post("/key/unlock", {"passphrase": PASSPHRASE}).content
    assert not keys()
    unlock(enter("tariq"))


def test_the_password_of_the_log_in_is_no_passphrase() -> None:
    with pytest.raises(Refused, match="your password"):
        acts.SetPassphrase(by=person("olive"), passphrase=PASSWORD, cost=CHEAP).do()


def test_the_head_opens_the_first_and_gives_access_to_a_colleague() -> None:
    hana, olive = enter("hana"), enter("olive")
    for client in (hana, olive):
        new = {"new": PASSPHRASE, "again": PASSPHRASE}
        assert client.post(reverse("keyring:passphrase"), new).status_code == 302
    assert hana.post(reverse("keyring:first"), {"passphrase": "not this one"}).status_code == 200
    assert not KeyWrap.objects.exists()
    hana.post(reverse("keyring:first"), {"passphrase": OFFICE_PASSPHRASE})
    unlock(hana)
    hana.post(reverse("keyring:give", args=[person("olive").pk]))
    unlock(olive)
    assert [key.account for key in keys()] == [person("hana").pk, person("olive").pk]
    assert KeyWrap.objects.get(holder=person("olive").pk).given_by == person("hana")
    assert kinds().count("key.given") == 2


@pytest.mark.parametrize("username", ["gita", "tess", "otto"])
def test_whose_work_needs_no_picture_gets_no_access(username: str) -> None:
    unlock_of = enter_unlocked("hana")
    assert unlock_of.get("/").status_code == 200
    with pytest.raises(Refused, match="None of this person's roles"):
        acts.GiveAccess(by=person("hana"), account=person(username), key=keys()[0]).do()


def test_nobody_gives_while_locked() -> None:
    give_access("hana")
    acts.SetPassphrase(by=person("olive"), passphrase=PASSPHRASE, cost=CHEAP).do()
    led = enter("hana").post(reverse("keyring:give", args=[person("olive").pk]))
    assert led.headers["Location"].startswith("/key/unlock?next=")
    assert not KeyWrap.objects.filter(holder=person("olive").pk).exists()


def _revoke(_: Client) -> None:
    accounts.Revoke(by=person("hana"), account=person("olive"), role=Role.OFFICE).do()


def _close(_: Client) -> None:
    accounts.CloseAccount(by=person("hana"), account=person("olive")).do()


def _code(_: Client) -> None:
    accounts.GiveCode(by=person("hana"), account=person("olive")).do()


def _remove(_: Client) -> None:
    acts.RemoveAccess(by=person("hana"), account=person("olive")).do()


def _new_passphrase(_: Client) -> None:
    acts.SetPassphrase(by=person("olive"), passphrase=OFFICE_PASSPHRASE, cost=CHEAP).do()


def _stop(_: Client) -> None:
    holding.drop_all()


def _sign_in_elsewhere(_: Client) -> None:
    enter("olive")


DROPS: list[Callable[[Client], object]] = [
    lambda client: client.post("/key/lock"),
    lambda client: client.post("/sign-out"),
    _revoke,
    _close,
    _code,
    _remove,
    _new_passphrase,
    _stop,
    _sign_in_elsewhere,
]
NAMES = ["lock", "log-out", "role", "closed", "code", "removed", "passphrase", "stop", "elsewhere"]


@pytest.mark.parametrize("drop", DROPS, ids=NAMES)
def test_the_key_goes_at_once_and_is_overwritten(drop: Callable[[Client], object]) -> None:
    client = enter_unlocked("olive")
    key = keys()[0]
    holding.SHELF.put(key.number, ("preview",), b"pixels")
    drop(client)
    assert not keys()
    assert not any(any(text) for text in key.identities._texts)
    assert holding.SHELF.get(key.number, ("preview",)) is None
    with pytest.raises(holding.Locked):
        key.identities.unwrap(Stanza("mlkem768x25519", (), b""))


@pytest.mark.parametrize("drop", [_revoke, _close, _remove], ids=["role", "closed", "removed"])
def test_what_ends_the_access_deletes_the_wrap_and_records_it(
    drop: Callable[[Client], object],
) -> None:
    drop(enter_unlocked("olive"))
    assert not KeyWrap.objects.exists()
    assert "key.removed" in kinds()


def test_what_another_process_took_away_counts_at_the_next_use() -> None:
    client = enter_unlocked("olive")
    KeyWrap.objects.all().delete()
    assert b"Lock now" not in client.get("/").content
    assert not keys()


def test_a_password_set_by_another_process_ends_session_and_key() -> None:
    client = enter_unlocked("olive")
    user = person("olive")
    user.set_password("another-password-of-hers")
    user.save()
    assert client.get("/").status_code == 302
    losing.tidy()
    assert not keys()


def test_a_role_that_ends_by_its_date_takes_key_and_access_with_it(office_site: House) -> None:
    client = enter_unlocked("olive")
    RoleGrant.objects.filter(user=person("olive")).update(until=now().today)
    assert isinstance(office_site.clock, SetClock)
    office_site.clock.at += timedelta(days=1)
    losing.tidy()
    assert not keys()
    assert not KeyWrap.objects.exists()
    assert client.get("/key/unlock").status_code == 403


@pytest.mark.parametrize(("minutes", "open_"), [(4, True), (6, False)])
def test_it_locks_after_five_minutes_without_use(
    minutes: int, open_: bool, office_site: House
) -> None:
    enter_unlocked("olive")
    office_site.clock.wait(minutes * 60)
    holding.sweep()
    assert bool(keys()) is open_


def test_it_locks_after_an_hour_whatever_the_use(office_site: House) -> None:
    enter_unlocked("olive")
    for minute in range(0, 64, 4):
        holding.sweep()
        assert bool(keys()) is (minute < 60), minute
        for key in keys():
            key.use()
        office_site.clock.wait(240)


def test_a_clock_that_runs_backwards_locks(office_site: House) -> None:
    enter_unlocked("olive")
    assert isinstance(office_site.clock, SetClock)
    office_site.clock.on(date(2026, 1, 1))
    holding.sweep()
    assert not keys()


def test_a_use_in_another_thread_meanwhile_ends_no_key(
    office_site: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter_unlocked("olive")
    (key,) = keys()
    read = holding.Instant.now

    def overtaken() -> holding.Instant:
        at = read()
        monkeypatch.setattr(holding.Instant, "now", read)
        office_site.clock.wait(0.5)
        key.use()
        return at

    monkeypatch.setattr(holding.Instant, "now", overtaken)
    assert key.seconds_left > 0


def test_looking_at_the_frame_is_no_use_of_the_key(office_site: House) -> None:
    client = enter_unlocked("olive")
    office_site.clock.wait(240)
    client.get("/")
    office_site.clock.wait(120)
    assert b"Lock now" not in client.get("/").content


def test_tables_and_session_hold_no_key() -> None:
    client = enter_unlocked("olive")
    secret = keys()[0].identities.texts()[0]
    kept = ReviewerKey.objects.get()
    rows = [bytes(kept.sealed), kept.public.encode(), str(dict(client.session)).encode()]
    rows += [bytes(wrap.sealed) for wrap in KeyWrap.objects.all()]
    rows += [str(event.body).encode() for event in Event.objects.all()]
    assert secret.startswith(b"AGE-SECRET-KEY-PQ-")
    assert not any(secret in row or PASSPHRASE.encode() in row for row in rows)
    assert "SECRET" not in repr(keys()[0]) + repr(keys()[0].identities)


def test_a_key_moved_to_another_account_does_not_open() -> None:
    seed = wrapping.new_seed()
    wrapped = wrapping.wrap_seed(seed, PASSPHRASE, "a", CHEAP)
    assert wrapping.unwrap_seed(wrapped, PASSPHRASE, "a") == seed
    assert wrapping.unwrap_seed(wrapped, PASSPHRASE, "b") is None
    assert wrapping.unwrap_seed(wrapped, PASSPHRASE + "x", "a") is None


def test_an_identity_under_a_wrong_name_does_not_count() -> None:
    seed = wrapping.new_seed()
    text = acts._from_file(OFFICE_PASSPHRASE)
    sealed = wrapping.wrap_identity(text, wrapping.public_of(seed))
    name = wrapping.name_of_identity(text)
    assert wrapping.unwrap_identity(sealed, seed, name) == text
    assert wrapping.unwrap_identity(sealed, seed, "0" * 64) is None
    assert wrapping.unwrap_identity(sealed, wrapping.new_seed(), name) is None


def test_what_a_try_costs_is_the_second_recommendation_of_rfc_9106() -> None:
    cost = wrapping.Cost()
    assert (cost.memory_kib, cost.passes, cost.lanes) == (64 * 1024, 3, 4)
    assert ARGON2_VERSION == 0x13
    other = Argon2id(salt=bytes(16), length=32, iterations=3, lanes=4, memory_cost=64 * 1024)
    assert wrapping.derive("caf\u00e9", bytes(16), cost) == other.derive("caf\u00e9".encode())
    assert wrapping.derive("cafe\u0301", bytes(16), CHEAP) == wrapping.derive(
        "caf\u00e9", bytes(16), CHEAP
    )


def test_a_row_cannot_demand_endless_work() -> None:
    with pytest.raises(ValueError, match="too much"):
        wrapping.derive("x", bytes(16), wrapping.Cost(memory_kib=1 << 30))


def test_the_shelf_makes_room_and_overwrites() -> None:
    shelf = Shelf(most=10)
    shelf.put(1, ("a",), b"12345")
    old = shelf._pieces[1, ("a",)]
    shelf.put(2, ("b",), b"123456")
    assert shelf.get(1, ("a",)) is None
    assert bytes(old) == bytes(5)
    assert shelf.size == 6
    shelf.put(2, ("c",), b"more than all of it")
    assert shelf.get(2, ("c",)) is None


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_the_server_leaves_no_core_dump() -> None:
    asked = (
        "import resource, ctypes; from service.office.dumps import no_dumps; no_dumps();"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "(0, 0) 0"
