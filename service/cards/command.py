# SPDX-License-Identifier: Apache-2.0
"""`photowarden cards`: print, list and withdraw class cards."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from agent import bootstrap, office
from agent.cli.common import Command, chosen_site, json_option, print_json, print_table, site_option
from agent.core.cards import CardKind
from agent.core.errors import ConfigurationError, UnavailableError
from agent.core.snapshot import Snapshot
from service.cards.printing import (
    END_CARD,
    Edition,
    PrintedCard,
    Wording,
    card_of_child,
    card_of_roster,
    in_words,
    pdf_of,
)


def _repeated(word: str, name: str, text: str) -> Callable[[Command], Command]:
    return click.option(word, name, multiple=True, help=text)


@click.group()
def cards() -> None:
    """Class cards: photograph one, and the pictures after it are of that class.

    The code on a card holds no name. Cards count for one school year; see docs/class-cards.md.
    """


@cards.command("print")
@site_option
@_repeated("--class", "classes", "A class by name; may be given several times.")
@_repeated("--group", "groups", "A group by name, such as a club.")
@_repeated("--child", "children", "One child by register reference; no name is printed.")
@click.option("--with-name", is_flag=True, help="Print the name on the cards of children.")
@click.option("--end", is_flag=True, help="A card that ends a sitting.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The PDF."
)
@json_option
def print_cards(site_folder: Path | None, out: Path, as_json: bool, **wanted: Any) -> None:  # noqa: ANN401, FBT001 - click
    """Print cards into a PDF, one A5 page each.

    Print it on stiff paper, and photograph a card so that it fills a tenth of the picture's width
    or more.
    """
    site = chosen_site(site_folder)
    edition = _edition(site)
    chosen = _chosen(edition.snapshot, **wanted)
    if not chosen:
        raise click.UsageError("say what to print: --class, --group, --child or --end")
    _write(out, pdf_of(chosen, edition))
    if as_json:
        for card in chosen:
            print_json(_told(card, edition))
        return
    cards, they = (
        ("1 card is", "It counts")
        if len(chosen) == 1
        else (f"{len(chosen)} cards are", "They count")
    )
    click.echo(f"{cards} in {out}. {they} until ", nl=False)
    click.echo(f"{in_words(edition.counts_until)}.")


@cards.command("list")
@site_option
@click.option("--children", is_flag=True, help="The cards of children too, by reference.")
@json_option
def list_cards(site_folder: Path | None, children: bool, as_json: bool) -> None:  # noqa: FBT001 - click
    """List the cards that count, and those that were withdrawn this school year."""
    site = chosen_site(site_folder)
    snapshot = _register(site)
    rows = list(_listed(snapshot, children=children))
    if as_json:
        for row in rows:
            print_json(row)
        return
    columns = ("kind", "of", "card", "state", "from")
    print_table(
        "Class cards", columns, ([str(row[name] or "") for name in columns] for row in rows)
    )


@cards.command("withdraw")
@site_option
@_repeated("--class", "classes", "A class or group whose present card no longer counts.")
@_repeated("--child", "children", "A child, by reference, whose present card no longer counts.")
@_repeated("--card", "numbers", "A card by the number that is printed on it.")
@json_option
def withdraw(site_folder: Path | None, as_json: bool, **wanted: Any) -> None:  # noqa: ANN401, FBT001 - click
    """Withdraw cards that were lost or copied: from today, what follows them is held.

    Pictures that were taken and imported before today stay as they are. The register is published
    with this one change; then print a new card.
    """
    site = chosen_site(site_folder)
    ids = _withdrawn(_register(site), **wanted)
    if not ids:
        raise click.UsageError("say which card: --class, --child or --card")
    publication = office.plan_withdrawal(site, ids)
    office.publish(site, publication)
    if as_json:
        day = publication.snapshot.withdrawn_cards
        for card in ids:
            print_json({"card": card, "withdrawn_from": day[card].isoformat()})
        return
    click.echo(f"{len(ids)} cards no longer count. Register version ", nl=False)
    click.echo(f"{publication.snapshot.version} says so; print new ones with photowarden cards.")


def _register(site: bootstrap.Site) -> Snapshot:
    """Return the register that is published, if it knows cards.

    Raises:
        ConfigurationError: it does not, or there is none.
    """
    snapshot = office.newest_register(site)
    if snapshot is None or not snapshot.card_key:
        raise office.no_cards()
    return snapshot


def _edition(site: bootstrap.Site) -> Edition:
    snapshot, moment = _register(site), bootstrap.clock_of(site).now()
    until = office.year_ends_on(site, snapshot.school_year)
    if until < moment.today:
        raise ConfigurationError(
            "the published register is of the last school year, and so would the cards be",
            code="cards.old_register",
            remedy="Publish the register of this school year, then print.",
        )
    return Edition(snapshot=snapshot, printed_on=moment.today, counts_until=until, at=moment.at)


def _chosen(
    snapshot: Snapshot,
    *,
    classes: Iterable[str],
    groups: Iterable[str],
    children: Iterable[str],
    with_name: bool,
    end: bool,
) -> list[PrintedCard]:
    return [
        *(card_of_roster(snapshot, name, Wording.CLASS) for name in classes),
        *(card_of_roster(snapshot, name, Wording.GROUP) for name in groups),
        *(card_of_child(snapshot, one, with_name=with_name) for one in children),
        *([END_CARD] if end else []),
    ]


def _withdrawn(
    snapshot: Snapshot,
    *,
    classes: Iterable[str],
    children: Iterable[str],
    numbers: Sequence[str],
) -> list[str]:
    """Return the ids of cards to withdraw, each once.

    Raises:
        ConfigurationError: a number is on no card that counts.
    """
    known = {str(row["card"]) for row in _listed(snapshot, children=True) if not row["from"]}
    spelt = [number.replace("-", "").replace(" ", "").upper() for number in numbers]
    if not known.issuperset(spelt):
        raise ConfigurationError(
            "that number is on no card that counts",
            code="cards.unknown",
            remedy="`photowarden cards list --children` shows all numbers.",
        )
    return list(
        dict.fromkeys(
            [
                *(card_of_roster(snapshot, name, Wording.CLASS).id for name in classes),
                *(card_of_child(snapshot, one, with_name=False).id for one in children),
                *spelt,
            ]
        )
    )


def _listed(snapshot: Snapshot, *, children: bool) -> Iterable[dict[str, str | None]]:
    """Yield every card: what it is of, its number, whether it counts, from when not."""
    named: list[tuple[CardKind, str, str]] = [
        (CardKind.CLASS, roster.names[0], roster.id) for roster in snapshot.rosters
    ]
    if children:
        named += [(CardKind.CHILD, person.reference, person.token) for person in snapshot.people]
    for kind, name, reference in named:
        for card in snapshot.card_ids(kind, reference):
            day = snapshot.withdrawn_cards.get(card)
            yield {
                "kind": kind.name.lower(),
                "of": name,
                "card": card,
                "state": "counts" if day is None else "withdrawn",
                "from": None if day is None else day.isoformat(),
            }


def _told(card: PrintedCard, edition: Edition) -> dict[str, str]:
    return {
        "kind": card.wording.name.lower(),
        "name": card.name,
        "card": card.id,
        "counts_until": edition.counts_until.isoformat(),
    }


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UnavailableError(
            "the PDF cannot be written",
            code="cards.out_unavailable",
            remedy="Close it if it is open in another program, or choose another file.",
        ) from error
