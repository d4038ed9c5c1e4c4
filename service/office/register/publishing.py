# SPDX-License-Identifier: Apache-2.0
"""Publish the register to the school's computers: the same snapshot, by the same code, as a file's.

What makes a permission stricter goes out at once, everything else within a minute, and once a day
(office.toml) in any case, so that what the stations hold never runs out. What is away is tried
again.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max

from agent import bootstrap, office
from agent.core.ledger import EntryKind
from agent.core.model import DeviceReference, Moment, RosterId
from agent.core.model import Token as CoreToken
from agent.core.register_rows import school_year_of
from agent.core.snapshot import NamedDevice, NamedPerson, NamedRoster, Snapshot
from service.office.house import house, now
from service.office.record.models import Event, record
from service.office.register import images
from service.office.register.models import Device, Group, Membership, Person, Publication, Token

AT_ONCE: Final = frozenset(
    kind.code
    for kind in (
        EntryKind.ANSWERS_RECORDED,
        EntryKind.PERSON_RESTRICTED,
        EntryKind.PERSON_LEFT,
        EntryKind.GUARDIAN_SET,
        EntryKind.DEVICE_RETIRED,
        EntryKind.GROUP_JOINED,
        EntryKind.REGISTER_IMPORTED,
        EntryKind.REGISTER_IMPORT_UNDONE,
    )
)
SOON: Final = AT_ONCE | {
    kind.code
    for kind in (
        EntryKind.PERSON_ADDED,
        EntryKind.PERSON_CHANGED,
        EntryKind.PERSON_RETURNED,
        EntryKind.PERSON_UNRESTRICTED,
        EntryKind.GROUP_ADDED,
        EntryKind.GROUP_CHANGED,
        EntryKind.GROUP_LEFT,
        EntryKind.DEVICE_ADDED,
        EntryKind.DEVICE_CHANGED,
        EntryKind.PURPOSE_ADDED,
        EntryKind.PURPOSE_CHANGED,
    )
}
_PAUSE: Final = timedelta(minutes=1)


def publish_if_due() -> Publication | None:
    """Publish when something changed that stations must learn of, or the last time is long ago.

    Raises:
        UnavailableError: the vault is away; it stays due.
        ConfigurationError: the office's keys are not here.
    """
    if not house().has_site or not Person.objects.exists():
        return None
    return publish() if why_due(now()) else None


def why_due(moment: Moment) -> str:
    """Return why the register must be published now: "changed", "old", "never"; "" for not."""
    last = Publication.objects.order_by("-version").first()
    if last is None:
        return "never"
    since = Event.objects.filter(number__gt=last.upto)
    if since.filter(kind__in=AT_ONCE).exists():
        return "changed"
    if moment.at - last.at >= _PAUSE and since.filter(kind__in=SOON).exists():
        return "changed"
    return "old" if moment.at - last.at >= timedelta(hours=house().settings.publish_hours) else ""


def publish() -> Publication:
    """Sign the register as it is now, seal it to every station, put it into the vault, record it.

    Raises:
        UnavailableError: the vault is away; nothing was published.
        ConfigurationError: the office's keys are not here.
    """
    site, moment = house().site(), now()
    bootstrap.vault_of(site).check()
    upto = Event.objects.aggregate(Max("number"))["number__max"] or 0
    snapshot = build(site, moment)
    office.put_snapshot(site, snapshot)
    counts = office.counts_of(snapshot)
    with transaction.atomic():
        record(EntryKind.REGISTER_PUBLISHED, snapshot.issued_at, None, counts)
        return Publication.objects.create(
            version=snapshot.version,
            digest=snapshot.digest(),
            upto=upto,
            at=snapshot.issued_at,
            valid_until=snapshot.valid_until,
            people=len(snapshot.people),
            answers=sum(len(person.answers) for person in snapshot.people),
            devices=len(snapshot.devices),
        )


def build(site: bootstrap.Site, moment: Moment) -> Snapshot:
    """Return the register as it is now, with a version above every earlier one.

    Raises:
        UnavailableError: the vault with the earlier one is away.
    """
    previous = office.newest_register(site)
    month, day = map(int, site.policy_settings.school_year_starts.split("-"))
    school_year = school_year_of(moment.today, (month, day))
    people = list(Person.objects.all())
    tokens = tokens_of(people, school_year)
    ends = datetime.combine(
        office.year_ends_on(site, school_year) + timedelta(days=1),
        time(),
        ZoneInfo(site.station.timezone),
    )
    mine = Publication.objects.aggregate(Max("version"))["version__max"] or 0
    same_year = previous is not None and previous.school_year == school_year
    return Snapshot(
        school=site.station.school,
        school_year=school_year,
        version=max(mine, previous.version if previous else 0) + 1,
        issued_at=moment.at,
        valid_until=min(moment.at + timedelta(days=site.policy_settings.register_valid_days), ends),
        people=_people(people, tokens),
        rosters=_rosters(people, tokens, moment.today),
        devices=tuple(map(_device, Device.objects.order_by("id"))),
        card_key=bootstrap.card_key_of(site),
        withdrawn_cards=previous.withdrawn_cards if previous is not None and same_year else {},
    )


def tokens_of(people: list[Person], school_year: str) -> Mapping[str, str]:
    """Return everybody's token of a school year, made where there is none yet."""
    known = dict(Token.objects.filter(school_year=school_year).values_list("person_id", "token"))
    missing = [
        Token(person=person, school_year=school_year) for person in people if person.id not in known
    ]
    Token.objects.bulk_create(missing)
    return known | {token.person_id: token.token for token in missing}


def _people(people: list[Person], tokens: Mapping[str, str]) -> tuple[NamedPerson, ...]:
    gathered = images.gather(None)
    return tuple(
        NamedPerson(
            token=CoreToken(tokens[person.id]),
            reference=person.id,
            names=person.tagged_names(),
            answers=images.image(person, gathered).answers,
            restricted=person.id in gathered.restricted,
        )
        for person in sorted(people, key=lambda one: one.id)
    )


def _rosters(
    people: list[Person], tokens: Mapping[str, str], today: date
) -> tuple[NamedRoster, ...]:
    here = {person.id for person in people if person.is_here(today)}
    members: dict[str, list[CoreToken]] = {}
    current = Membership.objects.filter(until__isnull=True)
    for group, person in current.values_list("group_id", "person_id"):
        if person in here:
            members.setdefault(group, []).append(CoreToken(tokens[person]))
    return tuple(
        NamedRoster(
            id=RosterId(group.id),
            names=(group.name, *filter(None, group.folders.split("\n"))),
            members=tuple(sorted(members.get(group.id, ()))),
        )
        for group in Group.objects.filter(closed_on__isnull=True).order_by("id")
    )


def _device(device: Device) -> NamedDevice:
    return NamedDevice(
        id=DeviceReference(device.id),
        reference=device.name,
        make=device.make,
        model=device.model,
        serials=tuple(filter(None, device.serials.split("\n"))),
        folders=tuple(filter(None, device.folders.split("\n"))),
        retired_on=device.retired_on,
    )
