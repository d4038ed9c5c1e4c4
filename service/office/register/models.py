# SPDX-License-Identifier: Apache-2.0
"""The tables of the register: people, guardians, answers, groups, devices, purposes, publications.

Constraints first. What happened is only added to (answers, corrections, restrictions,
guardianships, changes): triggers refuse the rest. How anybody stands is never stored; the core
computes it.
"""

from datetime import date
from typing import Final

from django.db import models
from django.db.models import F, Q

from agent.core.clues import normal_form
from agent.core.office_fields import HOW_ANSWERED, SORTS
from agent.core.register import Capacity, Says
from agent.site import new_id
from service.office.accounts.models import User

BASES: Final = ("consent", "public_task", "legitimate_interests")
SCOPES: Final = ("internal", "families", "world", "third_party", "modifier")
CAPACITIES: Final = ("responsible", "delegated", "undelegated")
RENEWALS: Final = ("school_year", "while_here", "two_years")


def _choices(words: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(word, word) for word in words]


class Row(models.Model):
    """A row with an opaque id."""

    id = models.CharField(primary_key=True, max_length=26, default=new_id, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """Return the opaque id."""
        return self.id


class Happened(models.Model):
    """Something that happened: when, and by whose hand; only ever added, in this order."""

    number = models.BigAutoField(primary_key=True)
    id = models.CharField(unique=True, max_length=26, default=new_id, editable=False)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """Return the opaque id."""
        return self.id


class Purpose(Row):
    """Why a picture may be used: basis under UK GDPR Art. 6(1), how far it goes, how long."""

    code = models.CharField(max_length=41, unique=True)
    label = models.CharField(max_length=120)
    lawful_basis = models.CharField(max_length=24, choices=_choices(BASES))
    scope = models.CharField(max_length=24, choices=_choices(SCOPES))
    renewal = models.CharField(max_length=24, choices=_choices(RENEWALS))
    place = models.PositiveIntegerField(default=0)
    used = models.BooleanField(default=True)

    class Meta:
        ordering = ["place", "code"]

    def __str__(self) -> str:
        """Return the label."""
        return self.label


class Person(Row):
    """A pupil, a member of staff or a visitor; `reference` is the school's own for them."""

    sort = models.CharField(max_length=24, choices=_choices(SORTS))
    reference = models.CharField(max_length=40, unique=True)
    upn = models.CharField(max_length=13, blank=True, default="")
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    known_as = models.CharField(max_length=80, blank=True, default="")
    also_tagged = models.TextField(blank=True, default="")
    """Further full names by which pictures are tagged, one a line."""
    born_on = models.DateField(null=True, blank=True)
    year_group = models.CharField(max_length=20, blank=True, default="")
    left_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    search = models.CharField(max_length=400, editable=False, default="")
    """What is searched: names and numbers in normal form."""

    class Meta:
        ordering = ["family_name", "given_name", "id"]
        indexes = [models.Index(fields=["family_name", "given_name", "id"], name="people_in_order")]
        constraints = [
            models.UniqueConstraint(fields=["upn"], condition=~Q(upn=""), name="one_of_an_upn"),
        ]

    def __str__(self) -> str:
        """Return the name for pages."""
        return self.name

    @property
    def name(self) -> str:
        """The name for pages: known as, then family name."""
        return f"{self.known_as or self.given_name} {self.family_name}"

    def tagged_names(self) -> tuple[str, ...]:
        """Return every full name by which pictures may be tagged; a first name alone is none."""
        first = [name for name in (self.given_name, self.known_as) if name]
        full = [f"{name} {self.family_name}" for name in first]
        return tuple(dict.fromkeys([*full, *filter(None, self.also_tagged.split("\n"))]))

    def prepare_search(self) -> None:
        """Bring what is searched up to date; every act that saves names calls it."""
        words = (self.given_name, self.known_as, self.family_name, self.reference, self.upn)
        self.search = normal_form(" ".join(words))[:400]

    def is_here(self, day: date) -> bool:
        """Tell whether the person is at the school on a day; the day of leaving is the last."""
        return self.left_on is None or day <= self.left_on


class PersonChange(Happened):
    """One field that was changed: before and after. Former names are for head and safeguarding."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="changes")
    field = models.CharField(max_length=20)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)

    class Meta:
        ordering = ["-number"]


class Token(models.Model):
    """What stations and ledgers call a person in one school year: random, linked here only."""

    token = models.CharField(primary_key=True, max_length=26, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tokens")
    school_year = models.CharField(max_length=7)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "school_year"], name="one_token_a_year"),
        ]

    def __str__(self) -> str:
        """Return the token."""
        return self.token


class Restriction(Happened):
    """That a person must not be photographed, or may be again; the newest row counts.

    The reason is for head and safeguarding lead: only `queries.restriction_reasons` reads it.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="restrictions")
    restricted = models.BooleanField()
    reason = models.TextField()

    class Meta:
        ordering = ["-number"]


class Guardian(Row):
    """Somebody who may answer for a child."""

    name = models.CharField(max_length=120)
    contact = models.CharField(max_length=200, blank=True, default="")
    reference = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        """Return the name for pages."""
        return self.name


class Guardianship(Happened):
    """In what right a guardian answers for a child, from a day; the newest row counts.

    `delegated` needs the day on which the placement plan's delegation was seen.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="guardianships")
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, related_name="guardianships")
    relationship = models.CharField(max_length=60)
    capacity = models.CharField(max_length=24, choices=_choices(CAPACITIES))
    delegation_seen_on = models.DateField(null=True, blank=True)
    ended = models.BooleanField(default=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(capacity="delegated") | Q(delegation_seen_on__isnull=False),
                name="delegation_was_seen",
            ),
        ]

    @property
    def counts_as(self) -> Capacity:
        """The right in which this guardian answers; without one once it ended."""
        return Capacity.UNDELEGATED if self.ended else Capacity(self.capacity)


class Evidence(Happened):
    """A scan of what was signed, sealed to the office and the recovery key; never here in clear."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=24, choices=_choices(("pdf", "jpeg", "png")))
    size = models.PositiveIntegerField()
    sealed_sha256 = models.CharField(max_length=64)


class Answer(Happened):
    """What somebody said for a purpose: who, how, when, until when. Only added to."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="answers")
    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="answers")
    guardian = models.ForeignKey(
        Guardian, on_delete=models.PROTECT, related_name="answers", null=True
    )
    """Who answered; none where the person answered: the child, or an adult for themselves."""
    says = models.CharField(max_length=24, choices=_choices(tuple(says.value for says in Says)))
    given_on = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    how = models.CharField(max_length=24, choices=_choices(HOW_ANSWERED))
    note = models.CharField(max_length=300, blank=True, default="")
    evidence = models.ForeignKey(
        Evidence, to_field="id", on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ["given_on", "number"]
        indexes = [models.Index(fields=["person", "purpose"], name="answers_of_a_person")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("given_on")),
                name="answer_has_days",
            ),
        ]


class Correction(Happened):
    """That an answer was entered by mistake, why, and what stands in its place."""

    answer = models.OneToOneField(
        Answer, to_field="id", on_delete=models.PROTECT, related_name="correction"
    )
    replaced_by = models.ForeignKey(
        Answer, to_field="id", on_delete=models.PROTECT, related_name="+", null=True
    )
    why = models.CharField(max_length=300)


class Group(Row):
    """A class or another group; `id` is its roster's id at the stations."""

    name = models.CharField(max_length=60)
    sort = models.CharField(max_length=24, choices=_choices(("class", "group")))
    folders = models.TextField(blank=True, default="")
    """Further folder names that mean it, one a line; its own name always does."""
    teachers = models.ManyToManyField(User, related_name="groups", blank=True)
    closed_on = models.DateField(null=True, blank=True)
    key = models.CharField(max_length=60, editable=False)
    """The name in normal form; two open groups never have the same."""

    class Meta:
        ordering = ["sort", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(closed_on__isnull=True), name="one_open_group_of_a_name"
            ),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class Membership(Row):
    """That a person is in a group from a day, until another."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="memberships")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "group"],
                condition=Q(until__isnull=True),
                name="in_a_group_once",
            ),
        ]


class Device(Row):
    """A camera or tablet of the school; serials, folders and cards one a line."""

    name = models.CharField(max_length=60, unique=True)
    make = models.CharField(max_length=60, blank=True, default="")
    model = models.CharField(max_length=80, blank=True, default="")
    serials = models.TextField(blank=True, default="")
    folders = models.TextField(blank=True, default="")
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        """Return the school's name for it."""
        return self.name


class Publication(models.Model):
    """A version of the register that was signed and put into the vault for the stations."""

    version = models.PositiveIntegerField(primary_key=True)
    digest = models.CharField(max_length=64)
    upto = models.BigIntegerField()
    """The number of the last event that it can know of."""
    at = models.DateTimeField()
    valid_until = models.DateTimeField()
    people = models.PositiveIntegerField()
    answers = models.PositiveIntegerField()
    devices = models.PositiveIntegerField()

    def __str__(self) -> str:
        """Return the version."""
        return str(self.version)
