# SPDX-License-Identifier: Apache-2.0
"""Whom somebody may name in a picture: lists only, nothing of a face.

The classes of the picture's sitting come first, then whoever else the person may see, by the name
they are known by and their class. A name is taken only as it stands in the list; of two who would
read the same, the school's own number tells them apart.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agent.core.clues import normal_form
from agent.core.model import RosterId
from agent.core.model import Token as CoreToken
from agent.core.register_rows import school_year_of
from service.office.accounts.models import User
from service.office.house import house
from service.office.register.models import Membership, Person, Token
from service.office.register.queries import visible
from service.office.review.saying import Unclear
from service.office.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who may be named: their token, how the list calls them, whether they come first."""

    token: CoreToken
    name: str
    label: str
    is_near: bool = False


class Candidates:
    """A list of people, those of the sitting first."""

    def __init__(self, rows: Sequence[Candidate]) -> None:
        self.rows = rows
        self._labels = {normal_form(row.label): row for row in rows}
        bearers = Counter(normal_form(row.name) for row in rows)
        self._names = {
            normal_form(row.name): row for row in rows if bearers[normal_form(row.name)] == 1
        }
        self._of = {row.token: row for row in rows}

    def token(self, untrusted_text: str, where: str) -> CoreToken:
        """Return whom a text of a page means; `where` says in which field it stood.

        Raises:
            Unclear: nobody, or more than one.
        """
        key = normal_form(untrusted_text)
        found = self._labels.get(key) or self._names.get(key)
        if found is None:
            raise Unclear(f"{where}: no one person in the list has this name. Choose one of it.")
        return found.token

    def known(self, untrusted_tokens: Iterable[str]) -> tuple[CoreToken, ...]:
        """Return tokens that a page sent, each of somebody in the list.

        Raises:
            Unclear: one is of nobody whom the person may name.
        """
        wanted = list(untrusted_tokens)
        if any(CoreToken(token) not in self._of for token in wanted):
            raise Unclear("Somebody is not in the list any more. Load the page again.")
        return tuple(CoreToken(token) for token in wanted)

    def label(self, token: CoreToken) -> str:
        """Return how the list calls somebody, and nobody's name who is not in it."""
        found = self._of.get(token)
        return "somebody whom you may not see" if found is None else found.label

    @property
    def near(self) -> list[Candidate]:
        """The people of the sitting's classes."""
        return [row for row in self.rows if row.is_near]


def candidates(
    user: User, roles: frozenset[Role], rosters: Collection[RosterId], today: date
) -> Candidates:
    """Return whom somebody may name in a picture that may show these classes; three statements."""
    people = list(visible(user, roles))
    tokens = dict(
        Token.objects.filter(school_year=school_year(today)).values_list("person_id", "token")
    )
    groups = _groups()
    listed = sorted(
        (person for person in people if person.id in tokens),
        key=lambda person: (
            not any(group in rosters for group, _ in groups.get(person.id, ())),
            not person.is_here(today),
        ),
    )
    labels = _labels(listed, groups)
    rows = [
        Candidate(
            token=CoreToken(tokens[person.id]),
            name=person.name,
            label=labels[person.id],
            is_near=any(group in rosters for group, _ in groups.get(person.id, ())),
        )
        for person in listed
    ]
    return Candidates(rows)


def school_year(today: date) -> str:
    """Return the school year whose tokens the register of today has."""
    settings = house().site().policy_settings
    month, day = map(int, settings.school_year_starts.split("-"))
    return school_year_of(today, (month, day))


def _groups() -> Mapping[str, list[tuple[str, str]]]:
    """Return the present groups of everybody: id and name."""
    found: dict[str, list[tuple[str, str]]] = {}
    current = Membership.objects.filter(until__isnull=True, group__closed_on__isnull=True)
    listed = current.order_by("group__name").values_list("person_id", "group_id", "group__name")
    for person, group, name in listed:
        found.setdefault(person, []).append((group, name))
    return found


def _labels(
    people: Iterable[Person], groups: Mapping[str, list[tuple[str, str]]]
) -> Mapping[str, str]:
    """Return how the list calls everybody: name and class, with the number where two read alike."""
    listed = list(people)
    plain = {one.id: _label(one, groups.get(one.id, ())) for one in listed}
    times = Counter(map(normal_form, plain.values()))
    return {
        one.id: plain[one.id]
        if times[normal_form(plain[one.id])] == 1
        else f"{plain[one.id]} no. {one.reference}"
        for one in listed
    }


def _label(person: Person, groups: Iterable[tuple[str, str]]) -> str:
    names = ", ".join(name for _, name in groups) or ("" if person.sort == "pupil" else person.sort)
    return f"{person.name} ({names})" if names else person.name
