# SPDX-License-Identifier: Apache-2.0
"""Cards as they are printed: what is on them, what is not, and that they are read again."""

import io
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

import pikepdf
import pytest
from PIL import Image

from agent.core.cards import Card, CardKind, card_text, read_card
from agent.core.clues import ClueMaker
from agent.core.errors import ConfigurationError
from agent.core.model import CaseId, RosterId, Shot, Token
from agent.core.sittings import Frame, sitting_of
from agent.core.snapshot import NamedPerson, NamedRoster, Snapshot
from agent.media.codes import texts_in
from service.cards.printing import (
    END_CARD,
    Edition,
    PrintedCard,
    Wording,
    card_of_child,
    card_of_roster,
    pdf_of,
    pictures_of,
)

AMARA = NamedPerson(token=Token("a" * 26), reference="P01", names=("Amara Okafor",))
SNAPSHOT = Snapshot(
    school="Larkfield Primary School",
    school_year="2026-27",
    version=1,
    issued_at=datetime(2026, 11, 23, tzinfo=UTC),
    valid_until=datetime(2026, 12, 23, tzinfo=UTC),
    people=(AMARA,),
    rosters=(
        NamedRoster(id=RosterId("r" * 26), names=("3B",), members=(AMARA.token,)),
        NamedRoster(id=RosterId("q" * 26), names=("Chess Club",), members=(AMARA.token,)),
    ),
    card_key=bytes(range(32)),
)
EDITION = Edition(
    snapshot=SNAPSHOT,
    printed_on=date(2026, 11, 23),
    counts_until=date(2027, 8, 31),
    at=datetime(2026, 11, 23, 12, tzinfo=UTC),
)
CLASS_3B = card_of_roster(SNAPSHOT, "3b ", Wording.CLASS)
CHESS = card_of_roster(SNAPSHOT, "chess  club", Wording.GROUP)
CHILD = card_of_child(SNAPSHOT, "P01", with_name=False)
NAMED_CHILD = card_of_child(SNAPSHOT, "P01", with_name=True)
ALL = (CLASS_3B, CHESS, CHILD, NAMED_CHILD, END_CARD)


def words_of(document: bytes) -> list[str]:
    """Return the text of each page, by the maps that a PDF has for screen readers."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        return ["".join(_words(page)) for page in pdf.pages]


def _words(page: pikepdf.Page) -> Iterable[str]:
    maps = {name: _characters(font) for name, font in page.Resources.Font.items()}
    current: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            current = maps[str(operands[0])]
        for part in _strings(operands) if str(operator) in ("Tj", "TJ") else ():
            codes = [int.from_bytes(part[i : i + 2], "big") for i in range(0, len(part), 2)]
            yield "".join(current.get(code, "") for code in codes)


def _strings(operands: Iterable[object]) -> Iterable[bytes]:
    for one in operands:
        if isinstance(one, pikepdf.Array):
            yield from (bytes(part) for part in one if isinstance(part, pikepdf.String))
        elif isinstance(one, pikepdf.String):
            yield bytes(one)


def _characters(font: pikepdf.Object) -> dict[int, str]:
    text = font.ToUnicode.read_bytes().decode("ascii")
    found = {
        int(code, 16): bytes.fromhex(said).decode("utf-16-be")
        for code, said in re.findall(r"^<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>$", text, re.MULTILINE)
    }
    for first, last, said in re.findall(
        r"^<([0-9a-fA-F]{4})> <([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>$", text, re.MULTILINE
    ):
        for step in range(int(last, 16) - int(first, 16) + 1):
            found[int(first, 16) + step] = chr(int(said, 16) + step)
    return found


def read(card: PrintedCard) -> tuple[str, ...]:
    (page,) = pictures_of([card], EDITION, 150)
    return texts_in(Image.open(io.BytesIO(page)))


@pytest.mark.parametrize("card", ALL, ids=lambda card: card.wording.name)
def test_a_printed_card_is_read_as_the_card_that_it_is(card: PrintedCard) -> None:
    (text,) = read(card)
    assert read_card(text, SNAPSHOT.card_key) == Card(kind=card.kind, id=card.id, year="26")


def test_a_printed_card_opens_the_sitting_of_its_class_on_the_station() -> None:
    register = SNAPSHOT.register(ClueMaker(bytes(32)))
    shot = Shot(body=ClueMaker(bytes(32)).body("x"), taken=datetime(2026, 11, 23, 9))  # noqa: DTZ001 - a camera has no zone
    found = sitting_of(
        CaseId("one"), [Frame(case=CaseId("one"), shot=shot, cards=read(CHESS))], register
    )
    assert found is not None
    assert (found.roster, found.concerns) == (RosterId("q" * 26), frozenset())


def test_each_card_is_one_page_of_a5() -> None:
    with pikepdf.open(io.BytesIO(pdf_of(ALL, EDITION))) as pdf:
        sizes = {tuple(round(float(x)) for x in page.MediaBox[2:]) for page in pdf.pages}
        assert (len(pdf.pages), sizes) == (len(ALL), {(420, 595)})


def test_a_page_says_what_a_person_has_to_check() -> None:
    (page,) = words_of(pdf_of([CLASS_3B], EDITION))
    for words in ("Class card", "3B", SNAPSHOT.school, "23 November 2026", "31 August 2027"):
        assert words.replace(" ", "") in page.replace(" ", "")
    assert CLASS_3B.shown_id in page


def test_no_child_is_named_unless_the_office_asks() -> None:
    pages = words_of(pdf_of(ALL, EDITION))
    assert [("Amara" in page, "Okafor" in page) for page in pages] == [
        (False, False),
        (False, False),
        (False, False),
        (True, True),
        (False, False),
    ]
    assert "P01" not in "".join(pages)


def test_the_code_holds_nothing_that_the_ledger_holds() -> None:
    for card, reference in ((CLASS_3B, "r"), (CHILD, "a")):
        text = card_text(Card(kind=card.kind, id=card.id, year="26"), SNAPSHOT.card_key)
        assert reference.upper() * 4 not in text


def test_a_new_card_takes_the_place_of_a_withdrawn_one() -> None:
    after = replace(SNAPSHOT, withdrawn_cards={CLASS_3B.id: date(2026, 11, 23)})
    assert card_of_roster(after, "3B", Wording.CLASS).id != CLASS_3B.id
    assert card_of_roster(after, "Chess Club", Wording.GROUP).id == CHESS.id


def test_a_long_name_stays_on_its_page_and_its_code_is_read() -> None:
    name = "Year 3 and 4 Friday Afternoon Gardening and Outdoor Cookery Club of " + "W" * 40
    card = replace(CLASS_3B, name=name)
    assert len(pictures_of([card], EDITION, 40)) == 1
    assert len(read(card)) == 1


def test_who_is_not_on_the_register_has_no_card() -> None:
    with pytest.raises(ConfigurationError, match="no class or group"):
        card_of_roster(SNAPSHOT, "9Z", Wording.CLASS)
    with pytest.raises(ConfigurationError, match="nobody"):
        card_of_child(SNAPSHOT, "P99", with_name=True)


def test_the_same_cards_on_the_same_day_are_the_same_file() -> None:
    assert pdf_of(ALL, EDITION) == pdf_of(ALL, EDITION)


def test_an_end_card_is_of_no_class() -> None:
    assert END_CARD.kind is CardKind.END
