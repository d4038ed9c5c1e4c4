# SPDX-License-Identifier: Apache-2.0
"""Reviewers with passphrases: who has access, and a browser whose pictures are unlocked."""

from django.test import Client

from service.office.house import now
from service.office.keyring import acts
from service.office.keyring.wrapping import Cost
from tests.office.cast import enter, person

OFFICE_PASSPHRASE = "four words at random"  # noqa: S105 - of invented sites
PASSPHRASE = "copper-violin-harbour-mist"  # noqa: S105 - of invented people
CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
"""What a try costs in tests that are not about it."""


def give_access(*usernames: str) -> None:
    """Let people have a passphrase and access; the site's keys are there."""
    text = acts._from_file(OFFICE_PASSPHRASE)
    for username in usernames:
        user = person(username)
        acts.SetPassphrase(by=user, passphrase=PASSPHRASE, cost=CHEAP).do()
        acts._give(user, [text], None, now())


def unlock(client: Client, passphrase: str = PASSPHRASE) -> Client:
    """Unlock the pictures in somebody's browser."""
    response = client.post("/key/unlock", {"passphrase": passphrase})
    assert response.status_code == 302, response.content
    return client


def enter_unlocked(username: str) -> Client:
    """Return a browser in which somebody is signed in and has unlocked the pictures."""
    give_access(username)
    return unlock(enter(username))
