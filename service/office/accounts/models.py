# SPDX-License-Identifier: Apache-2.0
"""Who signs in: accounts, dated roles, one-time sign-in codes, and the count of failed tries.

One log-in a person. Nothing here is deleted: an account is closed, and what its person did stays
theirs.
"""

from datetime import date
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from agent.site import new_id
from service.office.roles import BY_CODE, CHOICES, Role


class Users(BaseUserManager["User"]):
    """Find and make accounts."""

    def make(self, username: str, name: str) -> "User":
        """Return a new account that nobody can sign in to yet."""
        user = self.model(username=username.strip().lower(), name=" ".join(name.split()))
        user.set_unusable_password()
        user.save()
        return user


class User(AbstractBaseUser):
    """One person's log-in; `id` is what ledger and addresses say."""

    id = models.CharField(primary_key=True, max_length=26, default=new_id, editable=False)
    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    session_stamp = models.CharField(max_length=26, default=new_id)
    """The one session that counts carries it; a new one ends every other."""

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = Users()

    def __str__(self) -> str:
        """Return the person's name, for pages only."""
        return self.name

    def roles_on(self, day: date) -> frozenset[Role]:
        """Return the roles that count on a day of the school."""
        grants = self.grants.filter(RoleGrant.counting(day)).values_list("role", flat=True)
        return frozenset(BY_CODE[code] for code in grants)


class RoleGrant(models.Model):
    """A role from one day until another, given by somebody; a deputy's has an end."""

    id = models.CharField(primary_key=True, max_length=26, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=CHOICES)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(revoked_at__isnull=True),
                name="one_grant_of_a_role",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="grant_has_days"
            ),
        ]

    def __str__(self) -> str:
        """Return the opaque id."""
        return self.id

    @staticmethod
    def counting(day: date) -> Q:
        """Return the condition that a grant counts on a day."""
        open_end = Q(until__isnull=True) | Q(until__gte=day)
        return Q(revoked_at__isnull=True, since__lte=day) & open_end


class SignInCode(models.Model):
    """A one-time code by which somebody sets a new password; shown once, kept as a digest."""

    id = models.CharField(primary_key=True, max_length=26, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="codes")
    digest = models.CharField(max_length=200)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)

    def __str__(self) -> str:
        """Return the opaque id."""
        return self.id


class Tries(models.Model):
    """How often somebody failed to sign in of late, counted for one name and one browser."""

    key = models.CharField(primary_key=True, max_length=64)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return the key, a digest."""
        return self.key
