# SPDX-License-Identifier: Apache-2.0
"""Freezing in the console: anybody stops a picture; few release it; the head learns nothing."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from agent import bootstrap, elsewhere, enrolment
from agent.core.desk import Freeze, Seen, Settled
from agent.core.errors import UnavailableError
from agent.core.ledger_lines import Line
from agent.handing_in import hand_in, lay_down, take_in_now
from agent.opening import opened
from agent.site import JoinPlan
from service.office.policy import ROUTES
from service.office.roles import Role
from service.office.safeguarding import freezing
from service.office.safeguarding.cases import typed_case
from service.office.who import who_of
from tests.office.cast import ROLES, enter, person
from tests.office.stocked import Stock

REFERENCE = "WS-2026-004711"
STAFF = [name for name, (_, roles) in ROLES.items() if roles]


def freeze(client: Client, case: str, **ticked: str) -> str:
    done = client.post(reverse("safeguarding:freeze", args=[case]), ticked, follow=True)
    assert done.redirect_chain == [(reverse("safeguarding:steps"), 302)], done.content.decode()
    return done.content.decode()


def release(client: Client, case: str, reference: str = REFERENCE) -> str:
    address = reverse("safeguarding:release", args=[case])
    return client.post(address, {"reference": reference}, follow=True).content.decode()


def is_frozen(stock: Stock, what: str) -> bool:
    return stock.case(what) in freezing.frozen_now(stock.house.site())


def entries(stock: Stock) -> list[str]:
    with bootstrap.open_ledger(stock.house.site(), read_only=True) as ledger:
        return [line.decode() for line in ledger.lines()]


def words(page: str) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", page)


@pytest.mark.parametrize("who", STAFF)
def test_anybody_who_signs_in_freezes_without_a_key_a_reason_or_a_picture(
    who: str, stock: Stock
) -> None:
    client = enter(who)
    page = client.get(reverse("safeguarding:freeze", args=[stock.case("kept")])).content.decode()
    assert "<img" not in page
    assert client.get(reverse("safeguarding:freeze", args=[stock.case("kept")])).status_code == 200
    assert not is_frozen(stock, "kept"), "looking at the form freezes nothing"
    freeze(client, stock.case("kept"))
    assert is_frozen(stock, "kept")


def test_scenario_68_stop_report_freezes_and_shows_whom_to_tell(stock: Stock) -> None:
    before = stock.stored()
    case = stock.case("held")
    page = words(freeze(enter("tariq"), case))
    for told in ("999", "101", "designated safeguarding lead", "LADO", "chair of governors"):
        assert told in page
    assert "img" not in page
    site = stock.house.site()
    record = stock.record("held")
    seen = hand_in(site, Seen(case=case), who_of(person("hana"), {Role.HEAD}))
    assert seen.settled is Settled.FROZEN
    with pytest.raises(Exception, match="frozen"), opened(site, record, ()):  # type: ignore[arg-type]  # no key is asked for
        pass
    assert take_in_now(site)[0] == ""
    assert stock.stored() == before, "no byte of it was moved, copied, stripped or deleted"
    (line,) = [line for line in entries(stock) if "case.frozen" in line]
    assert person("tariq").id in line
    assert "Tariq" not in line
    assert "reason" not in line


def test_a_freeze_counts_while_the_agent_works_and_while_the_storage_is_away(stock: Stock) -> None:
    with stock.agent_running():
        freeze(enter("tess"), stock.case("kept"))
    assert is_frozen(stock, "kept")
    (stock.house.folder / "vault").rename(stock.house.folder / "away")
    freeze(enter("olive"), stock.case("held"))
    assert is_frozen(stock, "held")


def test_a_freeze_that_cannot_be_written_says_so_loudly(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise UnavailableError("the disk is full", code="desk.unavailable", remedy="Make room.")

    monkeypatch.setattr("agent.adapters.desk.Desk.put", full)
    address = reverse("safeguarding:freeze", args=[stock.case("kept")])
    page = enter("tariq").post(address).content.decode()
    assert "could NOT be frozen" in page
    assert "Frozen. Nobody" not in page


def test_a_picture_is_stopped_by_its_number_from_anywhere(stock: Stock) -> None:
    client, case = enter("tariq"), stock.case("kept")
    typed = f" {case[:4].upper()} {case[4:10]}"
    done = client.post(reverse("safeguarding:stop"), {"number": typed})
    assert done.headers["Location"] == reverse("safeguarding:steps")
    assert is_frozen(stock, "kept")


@pytest.mark.parametrize("typed", ["", "abc", "b" * 26, "zzzzzz"])
def test_a_number_that_is_no_pictures_freezes_nothing_and_says_so(typed: str, stock: Stock) -> None:
    page = enter("tariq").post(reverse("safeguarding:stop"), {"number": typed}).content.decode()
    assert "There is a problem" in page
    assert freezing.frozen_now(stock.house.site()) == {}


def test_the_picture_just_looked_at_is_stopped_without_looking_again(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "service.office.safeguarding.cases.LOOKED_AT", frozenset({"safeguarding:freeze"})
    )
    client, case = enter("tariq"), stock.case("kept")
    assert "just looking at" not in client.get(reverse("safeguarding:stop")).content.decode()
    client.get(reverse("safeguarding:freeze", args=[case]))
    page = client.get(reverse("safeguarding:stop")).content.decode()
    assert f'action="{reverse("safeguarding:freeze", args=[case])}"' in page


def test_whoever_is_only_half_signed_in_can_stop_a_picture(stock: Stock) -> None:
    client = Client(headers={"host": "localhost"})
    client.force_login(person("hana"))
    freeze(client, stock.case("kept"))
    assert client.get(reverse("safeguarding:frozen")).headers["Location"] == "/me/factors"


# --- who may know what ----------------------------------------------------------------------------


def shown(stock: Stock, who: str, roles: frozenset[Role] | None = None) -> list[freezing.Row]:
    del stock
    return freezing.listed(person(who), ROLES[who][1] if roles is None else roles)


def test_the_list_knows_numbers_and_days_and_nothing_of_the_picture(stock: Stock) -> None:
    freeze(enter("tariq"), stock.case("held"))
    for who in ("hana", "sam", "cora"):
        page = enter(who).get(reverse("safeguarding:frozen")).content.decode()
        assert stock.case("held") in page
        for secret in ("3B", "Amara", "permission", "<img"):
            assert secret not in page


def test_the_head_cannot_tell_which_freeze_concerns_her(stock: Stock) -> None:
    freeze(enter("tariq"), stock.case("kept"))
    freeze(enter("olive"), stock.case("held"), concerns_head="on")
    page = enter("hana").get(reverse("safeguarding:frozen")).content.decode()
    rows = [
        row.replace(stock.case("kept"), "N").replace(stock.case("held"), "N")
        for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL)[1:]
    ]
    assert len(rows) == 2
    assert rows[0] == rows[1], "one row says what the other does not"
    assert "Olive" not in page
    assert "Tariq" not in page


def test_a_head_who_is_safeguarding_lead_or_chair_as_well_is_shown_no_more(stock: Stock) -> None:
    freeze(enter("olive"), stock.case("held"), concerns_head="on")
    (row,) = shown(stock, "hana", frozenset({Role.HEAD, Role.SAFEGUARDING, Role.CHAIR}))
    assert (row.by, row.concerns_head) == ("", False)


def test_the_chair_is_told_who_froze_what_concerns_the_head_and_the_lead_the_rest(
    stock: Stock,
) -> None:
    freeze(enter("tariq"), stock.case("kept"))
    freeze(enter("olive"), stock.case("held"), concerns_head="on")
    told = {
        who: {row.case: (row.by, row.concerns_head) for row in shown(stock, who)}
        for who in ("sam", "cora")
    }
    kept, held = stock.case("kept"), stock.case("held")
    assert told["sam"] == {kept: ("Tariq Teacher", False), held: ("", False)}
    assert told["cora"] == {kept: ("", False), held: ("Olive Office", True)}


@pytest.mark.parametrize("who", [name for name in STAFF if name not in {"hana", "sam", "cora"}])
def test_everybody_else_sees_no_list_and_releases_nothing(who: str, stock: Stock) -> None:
    freeze(enter("tariq"), stock.case("kept"))
    client = enter(who)
    assert client.get(reverse("safeguarding:frozen")).status_code == 403
    address = reverse("safeguarding:release", args=[stock.case("kept")])
    assert client.post(address, {"reference": REFERENCE}).status_code == 403
    assert is_frozen(stock, "kept")


# --- release --------------------------------------------------------------------------------------

RELEASES = [
    ("hana", False, True), ("sam", False, True), ("cora", False, False),
    ("hana", True, False), ("sam", True, False), ("cora", True, True),
]  # fmt: skip


@pytest.mark.parametrize(("who", "concerns_head", "released"), RELEASES)
def test_who_may_release(who: str, concerns_head: bool, released: bool, stock: Stock) -> None:
    ticked = {"concerns_head": "on"} if concerns_head else {}
    freeze(enter("tariq"), stock.case("kept"), **ticked)
    page = release(enter(who), stock.case("kept"))
    assert is_frozen(stock, "kept") is not released
    assert (freezing.NOT_RELEASED in page) is not released
    assert ("Released. The same rules" in page) is released
    assert REFERENCE not in "".join(entries(stock))


@pytest.mark.parametrize("reference", ["", "the police were here", "ws-2026", "ABCDEF", "1" * 41])
def test_the_reference_has_a_form_that_the_page_explains(reference: str, stock: Stock) -> None:
    freeze(enter("tariq"), stock.case("kept"))
    page = release(enter("sam"), stock.case("kept"), reference)
    assert "WS-2026-004711" in page
    assert is_frozen(stock, "kept")


def test_a_head_is_refused_with_the_same_words_that_say_nothing_of_why(stock: Stock) -> None:
    freeze(enter("tariq"), stock.case("kept"), concerns_head="on")
    page = release(enter("hana"), stock.case("kept")).lower()
    refusal = page[page.index("there is a problem") : page.index("</ul>", page.index("problem"))]
    for word in ("head", "chair", "concern"):
        assert word not in refusal


def test_what_became_of_a_release_is_shown_and_the_chairs_is_the_chairs_alone(stock: Stock) -> None:
    freeze(enter("tariq"), stock.case("kept"))
    with stock.agent_running():
        assert "Handed in" in release(enter("sam"), stock.case("kept"))
    assert [row.became for row in freezing.releases({Role.SAFEGUARDING})] == ["Waits for the agent"]
    take_in_now(stock.house.site())
    assert [row.became for row in freezing.releases({Role.HEAD})] == ["Released"]
    freeze(enter("tariq"), stock.case("held"), concerns_head="on")
    release(enter("cora"), stock.case("held"))
    assert [row.case for row in freezing.releases({Role.CHAIR})] == [stock.case("held")]
    assert [row.case for row in freezing.releases({Role.HEAD})] == [stock.case("kept")]


def test_what_is_not_frozen_is_not_released(stock: Stock) -> None:
    assert "is not frozen" in release(enter("hana"), stock.case("kept"))


def test_every_role_has_a_rule_for_every_page_of_a_freeze() -> None:
    for name in ("stop", "freeze", "steps"):
        assert ROUTES[f"safeguarding:{name}"].roles == frozenset(Role)
        assert ROUTES[f"safeguarding:{name}"].before_second_factor
    for name in ("frozen", "release"):
        assert ROUTES[f"safeguarding:{name}"].roles == freezing.RELEASERS


def test_an_agent_that_was_told_of_a_freeze_elsewhere_is_asked_too(stock: Stock) -> None:
    """What lies on the desk before the console looked counts in it, whoever laid it there."""
    site = stock.house.site()
    lay_down(site, Freeze(case=stock.case("phone")), who_of(person("olive"), {Role.OFFICE}))
    assert is_frozen(stock, "phone")


def test_a_picture_of_another_computer_is_frozen_by_its_number(stock: Stock) -> None:
    """The office knows it by that computer's ledger; the freeze is posted there and counts here."""
    site = stock.house.site()
    case, station = "q" * 26, two_stations(stock)
    with elsewhere.open_elsewhere(site) as known, known.reading(station) as reader:
        decided = {"case": case, "group": [], "verdict": "HOLD", "concerns": []}
        more = {"register_version": 1, "rosters": [], "tagged": [], "faces": None}
        reader.take(Line("2026-11-01T10:00:00Z", {**decided, **more}, "x", "photo.decided"))
        body = {"case": case, "object": "o" * 26}
        reader.take(Line("2026-11-01T10:00:00Z", body, "y", "photo.stored"))
    assert typed_case(f"{case[:8]} {case[8:]}") == case
    freeze(enter("tariq"), case)
    assert case in freezing.frozen_now(site)
    assert [path.parent.name for path in (site.vault_folder / "inbox").rglob("*.age")] == [station]


def two_stations(stock: Stock) -> str:
    """Let another computer of the school join; return its id."""
    site = stock.house.site()
    plan = JoinPlan(
        folder=stock.house.folder.parent / "second",
        invitation=enrolment.read_invitation(enrolment.invite(site)),
        vault=str(site.vault_folder),
    )
    station = enrolment.read_request(enrolment.join(plan))
    enrolment.enrol(site, station)
    return station.id
