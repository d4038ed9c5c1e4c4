# SPDX-License-Identifier: Apache-2.0
"""Acts on access to sealed pictures: choose a passphrase, give access, take it away, unlock.

Whoever gives access holds an unlocked key, and whoever gets it has chosen a passphrase on their own
screen: two people, and no secret passes between them. The first one opens the office's key file.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from agent import site as layout
from agent.core.canonical import JsonValue
from agent.core.errors import ConfigurationError
from agent.core.ledger import EntryKind
from agent.core.model import Moment
from agent.seal import identity_file
from agent.seal.errors import SealError
from service.office.accounts.acts import refuse_oneself
from service.office.accounts.models import User
from service.office.acts import Act, Refused
from service.office.house import house
from service.office.keyring import holding, wrapping
from service.office.keyring.models import KeyWrap, ReviewerKey
from service.office.roles import Role

_LONGEST: Final = 1000
_ANY: Final = holding.MAY_HOLD


@dataclass(frozen=True, kw_only=True)
class SetPassphrase(Act):
    """Choose a passphrase: a new personal key. Who had access needs to be given it once more."""

    kind: ClassVar = EntryKind.KEY_PASSPHRASE_SET
    roles: ClassVar = _ANY
    by: User
    passphrase: str = field(repr=False)
    cost: wrapping.Cost = field(default_factory=wrapping.Cost)

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Make the key in place of an earlier one, whose wraps go with it."""
        refuse_weak(self.passphrase, self.by)
        earlier, _ = ReviewerKey.objects.filter(user=self.by).delete()
        with wrapping.fleeting(wrapping.new_seed()) as seed:
            keep_seed(self.by, seed, self.passphrase, moment, self.cost)
        _forget(self.by)
        return {"how": "again" if earlier else "first"}


@dataclass(frozen=True, kw_only=True)
class ChangePassphrase(Act):
    """Choose another passphrase for the key that one has; the earlier one has been proven."""

    kind: ClassVar = EntryKind.KEY_PASSPHRASE_SET
    roles: ClassVar = _ANY
    by: User
    seed: bytearray = field(repr=False)
    passphrase: str = field(repr=False)
    cost: wrapping.Cost = field(default_factory=wrapping.Cost)

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Wrap the same key anew."""
        refuse_weak(self.passphrase, self.by)
        keep_seed(self.by, self.seed, self.passphrase, moment, self.cost)
        _forget(self.by)
        return {"how": "changed"}


@dataclass(frozen=True, kw_only=True)
class OpenFirst(Act):
    """Open the office's key file with its own passphrase, once, for oneself: the first access."""

    kind: ClassVar = EntryKind.KEY_GIVEN
    roles: ClassVar = frozenset({Role.HEAD})
    by: User
    passphrase: str = field(repr=False)

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Wrap what the file holds to one's own key."""
        with wrapping.fleeting(_from_file(self.passphrase)) as text:
            keys = _give(self.by, [text], None, moment)
        return {"account": self.by.id, "keys": keys}


@dataclass(frozen=True, kw_only=True)
class GiveAccess(Act):
    """Give a colleague access to what one has unlocked oneself."""

    kind: ClassVar = EntryKind.KEY_GIVEN
    roles: ClassVar = _ANY
    account: User
    key: holding.OpenKey

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Wrap every identity of the open key to the colleague's."""
        refuse_oneself(self.by, self.account)
        if not may_hold(self.account, moment):
            raise Refused("None of this person's roles may open sealed pictures.")
        keys = _give(self.account, self.key.identities.texts(), self.by, moment)
        return {"account": self.account.id, "keys": keys} if keys else None


@dataclass(frozen=True, kw_only=True)
class RemoveAccess(Act):
    """Take somebody's access away, at once; anybody may give up their own."""

    kind: ClassVar = EntryKind.KEY_REMOVED
    roles: ClassVar = frozenset({Role.HEAD})
    program_may: ClassVar = True
    account: User
    why: str = "asked"

    def may(self, moment: Moment) -> bool:
        """Tell whether it is the head, the person or the program."""
        return super().may(moment) or (self.by is not None and self.by.pk == self.account.pk)

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Delete the wraps and drop what is unlocked."""
        del moment
        removed, _ = KeyWrap.objects.filter(holder=self.account.pk).delete()
        _forget(self.account)
        return {"account": self.account.id, "why": self.why} if removed else None


@dataclass(frozen=True, kw_only=True)
class Unlock(Act):
    """Say that one unlocks the pictures; the passphrase has been proven."""

    kind: ClassVar = EntryKind.KEY_UNLOCKED
    roles: ClassVar = _ANY
    by: User

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Change nothing."""
        del moment
        return {}


def may_hold(account: User, moment: Moment) -> bool:
    """Tell whether somebody's roles may open sealed pictures today."""
    return account.is_active and bool(account.roles_on(moment.today) & holding.MAY_HOLD)


def refuse_weak(passphrase: str, user: User) -> None:
    """Make sure that a passphrase is long, uncommon, and not the password.

    Raises:
        ValidationError: it is not.
    """
    if len(passphrase) > _LONGEST:
        raise Refused("The passphrase is too long.")
    validate_password(passphrase, user)
    if user.check_password(passphrase):
        raise Refused(
            "This is your password. Take another passphrase: whoever resets a password must not "
            "be able to open pictures."
        )


def keep_seed(
    user: User, seed: bytearray, passphrase: str, moment: Moment, cost: wrapping.Cost
) -> None:
    """Keep a personal key under a passphrase, in place of how it was kept before."""
    wrapped = wrapping.wrap_seed(seed, passphrase, str(user.pk), cost)
    ReviewerKey.objects.update_or_create(
        user=user,
        defaults={
            "public": wrapping.public_of(seed),
            "salt": wrapped.salt,
            "sealed": wrapped.sealed,
            "memory_kib": cost.memory_kib,
            "passes": cost.passes,
            "lanes": cost.lanes,
            "set_at": moment.at,
        },
    )


def _give(
    account: User, texts: Sequence[bytes | bytearray], by: User | None, moment: Moment
) -> list[JsonValue]:
    """Wrap identities to somebody's key; return the names of those that they had not."""
    theirs = ReviewerKey.objects.filter(user=account).first()
    if theirs is None:
        raise Refused("They must choose a passphrase first, on their own screen.")
    keys: list[JsonValue] = []
    for text in texts:
        name = wrapping.name_of_identity(text)
        _, made = KeyWrap.objects.get_or_create(
            holder=theirs,
            office_key=name,
            defaults={
                "sealed": wrapping.wrap_identity(text, theirs.public),
                "given_by": by,
                "given_at": moment.at,
            },
        )
        if made:
            keys.append(name)
    return keys


def _from_file(passphrase: str) -> bytearray:
    """Return the text of the office identity.

    Raises:
        Refused: the passphrase is another one, or the file cannot be used.
    """
    try:
        sealed = (house().folder / layout.OFFICE_IDENTITY).read_bytes()
        identity = identity_file.read(sealed, passphrase.encode())
    except OSError as error:
        raise Refused(
            f"The office's key file cannot be read. Restore {layout.OFFICE_IDENTITY}."
        ) from error
    except SealError as error:
        raise Refused("This is not the passphrase of the office's key.") from error
    try:
        wanted = house().site().station.keys.office
    except ConfigurationError as error:
        raise Refused(f"{error}. {error.remedy}") from error
    if str(identity.recipient()) != wanted:
        raise Refused("The key file holds another key than the one that pictures are sealed to.")
    return bytearray(identity.text().encode("ascii"))


def _forget(account: User) -> None:
    """Drop an account's keys now, and once more when the change stands."""
    holding.drop(account=str(account.pk))
    transaction.on_commit(functools.partial(holding.drop, account=str(account.pk)))
