# SPDX-License-Identifier: Apache-2.0
"""What was imported, so that it can be undone, and what the columns of known files mean."""

from django.db import models

from agent.core.mis.wording import MAX_OWN_WORD
from agent.core.office_fields import OWN_WORDS
from service.office.accounts.models import User
from service.office.register.models import Happened


class Import(Happened):
    """An import that was applied: of which file, what changed, and whether it was undone.

    `changes` holds pupils before and after, as the register itself does; the file is not kept.
    """

    file_sha256 = models.CharField(max_length=64)
    made_on = models.DateField()
    """The day on which the file was made."""
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    changes = models.JSONField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]


class OwnWord(Happened):
    """What a person said that a text of a file means; of one text the newest row counts."""

    text = models.CharField(max_length=MAX_OWN_WORD)
    """As `agent.core.mis.wording` compares it."""
    says = models.CharField(max_length=24, choices=[(word, word) for word in OWN_WORDS])

    class Meta:
        ordering = ["number"]


class KnownLayout(models.Model):
    """What a person said that the columns with these headings mean."""

    fingerprint = models.CharField(primary_key=True, max_length=64)
    layout = models.JSONField()

    def __str__(self) -> str:
        """Return the digest of the headings."""
        return self.fingerprint
