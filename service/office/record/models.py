# SPDX-License-Identifier: Apache-2.0
"""What was done in the console: one event an act, in the same transaction as its change.

An event is written with its act and copied into the ledger after the commit; a power cut between
the two loses nothing, since events that are not in the ledger yet are copied at the next chance
(`service.office.record.ledger`). Triggers refuse every change of an event but that one mark.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from django.db import models

from agent.core.canonical import JsonValue
from agent.core.ledger import Entry, EntryKind
from agent.site import new_id
from service.office.accounts.models import User
from service.office.record.turn import in_turn

KINDS = {kind.code: kind for kind in EntryKind}


class Event(models.Model):
    """One act: when, by whom, of which kind, with the fields of its kind and nothing else."""

    number = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=26, unique=True, default=new_id, editable=False)
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    body = models.JSONField()
    in_ledger = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["in_ledger"], condition=models.Q(in_ledger=False), name="due"),
        ]

    def __str__(self) -> str:
        """Return the kind and the opaque id."""
        return f"{self.kind} {self.id}"

    def entry(self) -> Entry:
        """Return the ledger entry of the event.

        Raises:
            ValueError: a field has not the shape of its kind.
        """
        body = cast("Mapping[str, JsonValue]", self.body)
        return Entry(id=f"office.{self.id}", kind=KINDS[self.kind], at=self.at, body=body)


def record(kind: EntryKind, at: datetime, by: User | None, body: Mapping[str, JsonValue]) -> Event:
    """Write down an act that is being done; the next one waits until this is committed.

    Raises:
        ValueError: the fields are not exactly those of the kind, or one has another shape.
    """
    event = Event(kind=kind.code, at=at, by=by, body=dict(body))
    event.entry()
    with in_turn():
        event.save(force_insert=True)
    return event
