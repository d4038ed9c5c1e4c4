# SPDX-License-Identifier: Apache-2.0
"""What is done with an import: apply it in one transaction, undo it while nothing else changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from django.db import IntegrityError

from agent.core.canonical import JsonValue
from agent.core.ledger import EntryKind
from agent.core.mis.book import Change, MovedError, apply
from agent.core.mis.brakes import Brake
from agent.core.mis.cells import Word, clean, read_word
from agent.core.mis.effects import widened
from agent.core.mis.planning import Kind
from agent.core.mis.wording import MAX_OWN_WORD
from agent.core.model import Moment
from agent.core.office_fields import OWN_WORDS
from service.office.accounts.models import User
from service.office.acts import Act, Refused
from service.office.imports import book, queries
from service.office.imports.held import Held
from service.office.imports.models import Import, OwnWord
from service.office.record.models import Event
from service.office.register.publishing import SOON
from service.office.roles import Role

IMPORTS: Final = frozenset({Role.OFFICE, Role.HEAD})


@dataclass(frozen=True, kw_only=True)
class ApplyImport(Act):
    """Bring the register to what a plan says, the plan being still the one that was looked at.

    Without a second person's confirmation only what permits nothing new is applied, and nothing at
    all where another brake holds.
    """

    kind: ClassVar = EntryKind.REGISTER_IMPORTED
    roles: ClassVar = IMPORTS
    held: Held
    digest: str

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Plan again, compare, write, keep what undoes it."""
        view = queries.planned(self.held, moment)
        if view.plan.digest() != self.digest:
            raise Refused("The register has changed since you looked. Look at the changes again.")
        confirmed_by = self._confirmed_by(moment)
        if confirmed_by is None and set(view.brakes) - {Brake.LOOSENS}:
            raise Refused("Somebody else of the office, or the headteacher, must confirm it first.")
        changes = view.plan.changes(confirmed=confirmed_by is not None)
        if not changes:
            raise Refused("There is nothing to apply.")
        apply(view.book, changes)
        _write(changes, moment, self.by)
        made = Import.objects.create(
            file_sha256=self.held.sha256,
            made_on=self.held.made_on,
            confirmed_by=confirmed_by,
            changes=book.to_plain(changes),
            at=moment.at,
            by=self.by,
        )
        rows = view.plan.rows
        return {
            "confirmed_by": confirmed_by.id if confirmed_by else None,
            "file_sha256": self.held.sha256,
            "plan": made.id,
            "joined": len(view.plan.of(Kind.JOINED)),
            "changed": len(view.plan.of(Kind.CHANGED)),
            "left": len(view.plan.of(Kind.LEFT)),
            "tightened": sum(bool(row.tightens) for row in rows),
            "loosened": sum(bool(row.widens) for row in rows) if confirmed_by else 0,
        }

    def _confirmed_by(self, moment: Moment) -> User | None:
        """Return who confirmed this very plan: somebody else, who may import today."""
        if self.held.confirmed is None:
            return None
        who, digest = self.held.confirmed
        user = User.objects.filter(pk=who, is_active=True).first()
        if user is None or digest != self.digest or (self.by and user.pk == self.by.pk):
            return None
        return user if user.roles_on(moment.today) & IMPORTS else None


@dataclass(frozen=True, kw_only=True)
class SetWord(Act):
    """Say what a word of the school's files means, or that it means nothing any more.

    What was imported does not change by it. A yes permits only through an import, which a second
    person confirms.
    """

    kind: ClassVar = EntryKind.REGISTER_WORD_SET
    roles: ClassVar = IMPORTS
    text: str
    says: str

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Add what is said now; nothing where it is said already."""
        text = clean(self.text).casefold()
        if not text or len(text) > MAX_OWN_WORD or read_word(text) is not Word.UNCLEAR:
            raise Refused("This is no word of your school: it is known already, empty or too long.")
        if self.says not in OWN_WORDS:
            raise Refused("Say yes, no or skip.")
        known = OwnWord.objects.filter(text=text).last()
        if (known.says if known else "forgotten") == self.says:
            return None
        made = OwnWord.objects.create(text=text, says=self.says, at=moment.at, by=self.by)
        return {"word": made.id, "says": self.says, "replaces": known.id if known else None}


@dataclass(frozen=True, kw_only=True)
class UndoImport(Act):
    """Bring back what an import changed, as long as nothing else has changed since.

    A pupil who joined by it leaves; nobody is deleted.
    """

    kind: ClassVar = EntryKind.REGISTER_IMPORT_UNDONE
    roles: ClassVar = IMPORTS
    done: Import

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Write the inverse."""
        if not can_undo(self.done):
            raise Refused("The register has changed since the import. Correct it pupil by pupil.")
        now = book.read_book()
        try:
            changes = book.undoing(self.done.changes, now)
            apply(now, changes)
        except (KeyError, ValueError, MovedError) as error:
            raise Refused("A pupil has changed since the import. Correct it there.") from error
        terms = queries.terms_of(self.done.made_on, b"", moment)
        loosens = any(widened(one.before, one.after, terms) for one in changes)
        if loosens and self.by is not None and self.by.pk == self.done.by_id:
            raise Refused("Undoing it permits pictures again. Somebody else must undo it.")
        _write(changes, moment, self.by)
        self.done.undone_at = moment.at
        self.done.save(update_fields=["undone_at"])
        return {"plan": self.done.id}


def _write(changes: Sequence[Change], moment: Moment, by: User | None) -> None:
    """Write all changes.

    Raises:
        Refused: a number is somebody else's, such as that of a member of staff.
    """
    writer = book.Writer(moment, by)
    try:
        writer.write(changes)
    except IntegrityError as error:
        raise Refused(
            "A reference or UPN of the file is somebody else's in the register."
        ) from error


def can_undo(done: Import) -> bool:
    """Tell whether an import is the last thing that happened to the register."""
    if done.undone_at is not None:
        return False
    event = Event.objects.filter(kind=EntryKind.REGISTER_IMPORTED.code, body__plan=done.id).first()
    later = Event.objects.filter(kind__in=SOON, number__gt=event.number if event else 0)
    return event is not None and not later.exists()
