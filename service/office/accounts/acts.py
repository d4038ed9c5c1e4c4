# SPDX-License-Identifier: Apache-2.0
"""Acts on accounts: make, grant, revoke, close, and let somebody back in without e-mail.

Nobody acts on themselves. Whoever may let somebody back in is a second named person: for the head
the data protection officer, for officer and safeguarding lead the head, for others head or
technician. A code never skips the second factor; taking that away is said and recorded.

The chair of governors decides where the head is concerned. So everything about the chair's account
and role is the data protection officer's, and nobody is head and chair at once.
"""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import ClassVar, Final

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password

from agent.core.canonical import JsonValue
from agent.core.ledger import EntryKind
from agent.core.model import Moment
from agent.site import new_id
from service.office.accounts.models import RoleGrant, SignInCode, User
from service.office.accounts.rights import CHANGED
from service.office.acts import Act, Refused
from service.office.roles import Role

CODE_LIFE: Final = timedelta(minutes=30)
GRANTS: Final = frozenset({Role.HEAD, Role.DATA_PROTECTION})
_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LENGTH: Final = 12
_WHOSE: Final = {
    Role.DATA_PROTECTION: "The chair of governors' log-in and role are the data protection "
    "officer's to give and take: the chair decides where the headteacher is concerned.",
    Role.HEAD: "Only the headteacher gives or takes this.",
}


def new_code() -> str:
    """Return a one-time code: 12 letters and digits that cannot be mistaken for one another."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))


def digest(code: str) -> str:
    """Return what is kept of a code."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class CreateAccount(Act):
    """Make a log-in for one person; it has no role and no password yet."""

    kind: ClassVar = EntryKind.ACCOUNT_CREATED
    roles: ClassVar = frozenset({Role.HEAD, Role.TECHNICIAN})
    program_may: ClassVar = True
    username: str
    name: str

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Add the account."""
        del moment
        if User.objects.filter(username=self.username.strip().lower()).exists():
            raise Refused("There is an account of this name already. One log-in a person.")
        return {"account": User.objects.make(self.username, self.name).id}


@dataclass(frozen=True, kw_only=True)
class Grant(Act):
    """Give somebody a role, for good or until a day; a deputy's role ends by itself."""

    kind: ClassVar = EntryKind.ACCOUNT_GRANTED
    roles: ClassVar = GRANTS
    program_may: ClassVar = True
    account: User
    role: Role
    until: date | None = None

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Add the grant, in place of one that is there."""
        refuse_oneself(self.by, self.account)
        refuse_others(self.by, {self.role} | _chair(self.account, moment), moment)
        if {self.role, *self.account.roles_on(moment.today)} >= {Role.HEAD, Role.CHAIR}:
            raise Refused("Nobody is headteacher and chair of governors at once.")
        if self.until is not None and self.until < moment.today:
            raise Refused("The last day is in the past.")
        standing = RoleGrant.objects.filter(
            user=self.account, role=self.role.code, revoked_at__isnull=True
        )
        standing.update(revoked_at=moment.at, revoked_by=self.by)
        RoleGrant.objects.create(
            user=self.account,
            role=self.role.code,
            since=moment.today,
            until=self.until,
            given_by=self.by,
        )
        if self.role is Role.CHAIR:
            forget_how_to_sign_in(self.account, moment)
        until = self.until.isoformat() if self.until else None
        return {"account": self.account.id, "role": self.role.code, "until": until}


@dataclass(frozen=True, kw_only=True)
class Revoke(Act):
    """Take a role from somebody, at once."""

    kind: ClassVar = EntryKind.ACCOUNT_REVOKED
    roles: ClassVar = GRANTS
    account: User
    role: Role

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """End the grant."""
        refuse_oneself(self.by, self.account)
        refuse_others(self.by, {self.role}, moment)
        ended = RoleGrant.objects.filter(
            user=self.account, role=self.role.code, revoked_at__isnull=True
        ).update(revoked_at=moment.at, revoked_by=self.by)
        CHANGED.send(Revoke, account=self.account)
        return {"account": self.account.id, "role": self.role.code} if ended else None


@dataclass(frozen=True, kw_only=True)
class CloseAccount(Act):
    """Close a log-in, at once; what its person did stays theirs."""

    kind: ClassVar = EntryKind.ACCOUNT_CLOSED
    roles: ClassVar = GRANTS
    account: User

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Close it and end its session."""
        refuse_oneself(self.by, self.account)
        refuse_others(self.by, _chair(self.account, moment), moment)
        if not self.account.is_active:
            return None
        self.account.is_active = False
        self.account.session_stamp = new_id()
        self.account.save(update_fields=["is_active", "session_stamp"])
        CHANGED.send(CloseAccount, account=self.account)
        return {"account": self.account.id}


@dataclass(frozen=True, kw_only=True)
class ReopenAccount(Act):
    """Open a closed log-in again."""

    kind: ClassVar = EntryKind.ACCOUNT_REOPENED
    roles: ClassVar = GRANTS
    account: User

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Open it."""
        refuse_others(self.by, _chair(self.account, moment), moment)
        if self.account.is_active:
            return None
        self.account.is_active = True
        self.account.save(update_fields=["is_active"])
        return {"account": self.account.id}


@dataclass(frozen=True, kw_only=True)
class GiveCode(Act):
    """Give somebody a sign-in code, shown once: with it they choose a new password."""

    kind: ClassVar = EntryKind.ACCOUNT_CODE_GIVEN
    roles: ClassVar = frozenset({Role.HEAD, Role.TECHNICIAN, Role.DATA_PROTECTION})
    program_may: ClassVar = True
    account: User
    remove_factors: bool = False
    code: str = field(default_factory=new_code, repr=False)

    def may(self, moment: Moment) -> bool:
        """Tell whether whoever asks is the second person that this account needs."""
        if not super().may(moment) or self.by is None:
            return self.by is None
        theirs = self.account.roles_on(moment.today)
        return bool(self.by.roles_on(moment.today) & second_person_for(theirs))

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Make the code, end the person's session, and take factors away if that was asked."""
        refuse_oneself(self.by, self.account)
        make_code(self.account, self.code, moment, self.by)
        if self.remove_factors:
            Authenticator.objects.filter(user=self.account).delete()
        factors = "removed" if self.remove_factors else "kept"
        return {"account": self.account.id, "factors": factors}


@dataclass(frozen=True, kw_only=True)
class BreakGlass(Act):
    """Let somebody in from the computer itself; everybody is told until they have seen it."""

    kind: ClassVar = EntryKind.ACCOUNT_BROKEN_GLASS
    roles: ClassVar = frozenset()
    program_may: ClassVar = True
    account: User
    code: str = field(default_factory=new_code, repr=False)

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Make the code and take the second factor away: whoever needs this has lost it."""
        make_code(self.account, self.code, moment, None)
        Authenticator.objects.filter(user=self.account).delete()
        return {"account": self.account.id}


@dataclass(frozen=True, kw_only=True)
class Acknowledge(Act):
    """Say that one has seen that somebody was let in from the computer itself."""

    kind: ClassVar = EntryKind.ACCOUNT_ACKNOWLEDGED
    roles: ClassVar = frozenset(Role)
    account: User

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Change nothing."""
        del moment
        return {"account": self.account.id}


@dataclass(frozen=True, kw_only=True)
class SetPassword(Act):
    """Choose a password with a sign-in code; the code is used up."""

    kind: ClassVar = EntryKind.ACCOUNT_PASSWORD_SET
    roles: ClassVar = frozenset()
    program_may: ClassVar = True
    username: str
    code: str = field(repr=False)
    password: str = field(repr=False)

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Use the code up and set the password."""
        code = SignInCode.objects.filter(
            user__username=self.username.strip().lower(),
            user__is_active=True,
            digest=digest(self.code),
            used_at__isnull=True,
            expires_at__gt=moment.at,
        ).first()
        if code is None:
            raise Refused("This name and code do not belong together, or the code has run out.")
        validate_password(self.password, code.user)
        code.used_at = moment.at
        code.save(update_fields=["used_at"])
        code.user.set_password(self.password)
        code.user.session_stamp = new_id()
        code.user.save(update_fields=["password", "session_stamp"])
        CHANGED.send(SetPassword, account=code.user)
        return {"account": code.user.id}


def second_person_for(roles: frozenset[Role]) -> frozenset[Role]:
    """Return which roles may let somebody with these roles back in."""
    if roles & {Role.HEAD, Role.CHAIR}:
        return frozenset({Role.DATA_PROTECTION})
    if roles & {Role.DATA_PROTECTION, Role.SAFEGUARDING}:
        return frozenset({Role.HEAD})
    return frozenset({Role.HEAD, Role.TECHNICIAN})


def make_code(account: User, code: str, moment: Moment, by: User | None) -> None:
    """Keep a new code's digest in place of earlier ones, and end the person's session."""
    SignInCode.objects.filter(user=account, used_at__isnull=True).update(used_at=moment.at)
    SignInCode.objects.create(
        user=account, digest=digest(code), expires_at=moment.at + CODE_LIFE, given_by=by
    )
    account.session_stamp = new_id()
    account.save(update_fields=["session_stamp"])
    CHANGED.send(SignInCode, account=account)


def forget_how_to_sign_in(account: User, moment: Moment) -> None:
    """Let nobody in who could sign in before: a new chair starts with a new code.

    Whoever made the account, or gave its first code, might be the head.
    """
    SignInCode.objects.filter(user=account, used_at__isnull=True).update(used_at=moment.at)
    Authenticator.objects.filter(user=account).delete()
    account.set_unusable_password()
    account.session_stamp = new_id()
    account.save(update_fields=["password", "session_stamp"])


def refuse_oneself(by: User | None, account: User) -> None:
    """Make sure that nobody changes their own rights.

    Raises:
        Refused: somebody would.
    """
    if by is not None and by.pk == account.pk:
        raise Refused("Nobody changes their own log-in's rights. Ask a second person.")


def refuse_others(by: User | None, roles: Collection[Role], moment: Moment) -> None:
    """Make sure that the chair's role is the data protection officer's, and the others the head's.

    Raises:
        Refused: somebody else would change it.
    """
    needed = Role.DATA_PROTECTION if Role.CHAIR in roles else Role.HEAD
    if by is not None and needed not in by.roles_on(moment.today):
        raise Refused(_WHOSE[needed])


def _chair(account: User, moment: Moment) -> frozenset[Role]:
    return account.roles_on(moment.today) & {Role.CHAIR}
