# SPDX-License-Identifier: Apache-2.0
"""Proposals to erase a held picture: opaque ids, digests and closed words; nothing of a picture.

What was proposed never changes; who confirmed it is another person, in time, which the database
itself holds to. A proposal is bound to the case as it was shown (`shown`, a digest).
"""

from typing import Final

from django.db import models
from django.db.models import F, Q

from agent.core.office_fields import ERASE_REASONS
from agent.site import new_id
from service.office.accounts.models import User

REASONS: Final = dict(
    zip(
        ERASE_REASONS,
        (
            "Held longer than the school keeps what it may not use",
            "Somebody in it, or their family, asked for it",
            "Taken by mistake, or of no use",
            "Not taken by a device of the school",
        ),
        strict=True,
    )
)


class ErasureProposal(models.Model):
    """That somebody wants a held picture destroyed, and who else confirmed it."""

    number = models.BigAutoField(primary_key=True)
    id = models.CharField(unique=True, max_length=26, default=new_id, editable=False)
    case = models.CharField(max_length=64)
    shown = models.CharField(max_length=64)
    reason = models.CharField(max_length=24, choices=list(REASONS.items()))
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_as = models.CharField(max_length=30)
    proposed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    confirmed_at = models.DateTimeField(null=True)
    item = models.CharField(max_length=26, blank=True)
    """The act on the agent's desk, once it is confirmed."""
    ended_at = models.DateTimeField(null=True)
    """When it was taken back, ran out, or its case had changed."""

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(proposed_by=F("confirmed_by")), name="erasing_takes_two_people"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__lte=F("expires_at")),
                name="erasing_is_confirmed_in_time",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(ended_at__isnull=True),
                name="an_ended_proposal_erases_nothing",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(ended_at__isnull=True, confirmed_at__isnull=True),
                name="one_open_proposal_of_a_case",
            ),
        ]

    def __str__(self) -> str:
        """Return the opaque id."""
        return self.id
