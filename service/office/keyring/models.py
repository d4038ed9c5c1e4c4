# SPDX-License-Identifier: Apache-2.0
"""What is kept of keys: public halves, and secrets that only a person's passphrase opens.

Nothing here opens a picture without a passphrase. Rows go when access is taken away; that they were
there stands in the ledger.
"""

from django.db import models
from django.db.models import F, Q

from agent.site import new_id
from service.office.accounts.models import User
from service.office.keyring.wrapping import MOST, Cost, Wrapped


class ReviewerKey(models.Model):
    """One person's own key: its public half, and its secret under their passphrase."""

    user = models.OneToOneField(
        User, on_delete=models.PROTECT, primary_key=True, related_name="reviewer_key"
    )
    public = models.TextField()
    salt = models.BinaryField(max_length=16)
    sealed = models.BinaryField(max_length=64)
    memory_kib = models.PositiveIntegerField()
    passes = models.PositiveSmallIntegerField()
    lanes = models.PositiveSmallIntegerField()
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(memory_kib__lte=MOST.memory_kib, passes__lte=MOST.passes)
                & Q(lanes__lte=MOST.lanes),
                name="key_costs_at_most",
            ),
        ]

    def __str__(self) -> str:
        """Return the opaque id of the account."""
        return str(self.pk)

    @property
    def wrapped(self) -> Wrapped:
        """The secret as it is kept."""
        cost = Cost(self.memory_kib, self.passes, self.lanes)
        return Wrapped(salt=bytes(self.salt), sealed=bytes(self.sealed), cost=cost)


class KeyWrap(models.Model):
    """One office key (of one school year) for one person."""

    id = models.CharField(primary_key=True, max_length=26, default=new_id, editable=False)
    holder = models.ForeignKey(ReviewerKey, on_delete=models.CASCADE, related_name="wraps")
    office_key = models.CharField(max_length=64)
    """The digest of the office's public key."""
    sealed = models.BinaryField()
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    """Nobody where the person opened the office's key file with its own passphrase."""
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["holder", "office_key"], name="one_wrap_of_a_key"),
            models.CheckConstraint(
                condition=Q(given_by__isnull=True) | ~Q(given_by=F("holder")),
                name="key_given_by_another",
            ),
        ]

    def __str__(self) -> str:
        """Return the opaque id."""
        return self.id
