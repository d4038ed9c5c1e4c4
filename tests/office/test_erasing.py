# SPDX-License-Identifier: Apache-2.0
"""Erasing in the console: two people, in time, what was shown, never in silence, never frozen."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from agent import bootstrap
from agent.core.case import State
from agent.core.desk import Freeze, Release
from agent.core.ledger import EntryKind
from agent.core.model import Moment
from agent.handing_in import hand_in, take_in_now
from service.office.accounts import acts as accounts
from service.office.accounts.models import RoleGrant, User
from service.office.acts import Refused
from service.office.four_eyes import are_two
from service.office.house import now
from service.office.record.models import Event
from service.office.roles import Role
from service.office.safeguarding import devices, erasing
from service.office.safeguarding.acts import ConfirmErasure, ProposeErasure, TakeBackErasure
from service.office.safeguarding.models import ErasureProposal
from service.office.who import who_of
from tests.office.cast import SetClock, enter, person
from tests.office.stocked import Stock


def shown(stock: Stock, what: str) -> dict[str, str]:
    return {stock.case(what): erasing.digest(stock.record(what))}


def propose(stock: Stock, what: str = "held", who: str = "olive") -> ErasureProposal:
    ProposeErasure(by=person(who), cases=shown(stock, what), reason="not_needed").do()
    return ErasureProposal.objects.latest("number")


def confirm(proposal: ErasureProposal, who: str = "hana") -> None:
    ConfirmErasure(by=person(who), proposals=[proposal.id]).do()


def state(stock: Stock, what: str = "held") -> State:
    take_in_now(stock.house.site())
    return stock.record(what).state


def is_open(proposal: ErasureProposal) -> bool:
    proposal.refresh_from_db()
    return proposal.confirmed_at is None and proposal.ended_at is None


def freeze(stock: Stock, what: str) -> None:
    act = Freeze(case=stock.case(what))
    hand_in(stock.house.site(), act, who_of(person("tariq"), {Role.TEACHER}))


@pytest.mark.parametrize(("first", "second"), [("olive", "hana"), ("hana", "olive")])
def test_one_proposes_another_confirms_and_the_agent_erases(
    first: str, second: str, stock: Stock
) -> None:
    proposal = propose(stock, who=first)
    assert state(stock) is State.DONE, "a proposal erases nothing"
    confirm(proposal, second)
    assert state(stock) is State.ERASED
    proposal.refresh_from_db()
    assert erasing.became(proposal) == "Erased"
    with bootstrap.open_ledger(stock.house.site(), read_only=True) as ledger:
        (line,) = [one.decode() for one in ledger.lines() if b"photo.erased" in one]
    assert all(person(who).id in line for who in (first, second))


def test_the_console_records_who_did_what_in_ids_and_codes(stock: Stock) -> None:
    proposal = propose(stock)
    TakeBackErasure(by=person("hana"), proposal=proposal.id).do()
    assert not is_open(proposal)
    confirm(propose(stock))
    kinds = (EntryKind.ERASURE_PROPOSED, EntryKind.ERASURE_TAKEN_BACK, EntryKind.ERASURE_CONFIRMED)
    for kind in kinds:
        body = Event.objects.filter(kind=kind.code).latest("number").body
        assert body["cases"] == [stock.case("held")]
        assert set(body) <= {"by", "cases", "reason"}


# --- four eyes ------------------------------------------------------------------------------------


def test_nobody_confirms_their_own_proposal(stock: Stock) -> None:
    proposal = propose(stock, who="hana")
    with pytest.raises(Refused, match="two people"):
        confirm(proposal, "hana")
    assert is_open(proposal)
    assert state(stock) is State.DONE


def test_the_database_itself_refuses_one_person_in_both_parts(stock: Stock) -> None:
    proposal = propose(stock)
    values = {"confirmed_by": person("olive"), "confirmed_at": now().at}
    with pytest.raises(IntegrityError, match="erasing_takes_two_people"), transaction.atomic():
        ErasureProposal.objects.filter(pk=proposal.pk).update(**values)


def test_the_database_itself_refuses_a_late_or_an_ended_confirmation(stock: Stock) -> None:
    proposal = ErasureProposal.objects.filter(pk=propose(stock).pk)
    late = proposal.get().expires_at + timedelta(seconds=1)
    with pytest.raises(IntegrityError, match="in_time"), transaction.atomic():
        proposal.update(confirmed_by=person("hana"), confirmed_at=late)
    proposal.update(ended_at=now().at)
    with pytest.raises(IntegrityError, match="ended"), transaction.atomic():
        proposal.update(confirmed_by=person("hana"), confirmed_at=now().at)


@pytest.mark.parametrize("field", ["shown", "case", "reason", "proposed_as"])
def test_the_database_itself_keeps_what_was_proposed(field: str, stock: Stock) -> None:
    proposal = ErasureProposal.objects.filter(pk=propose(stock).pk)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        proposal.update(**{field: "other"})
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        proposal.delete()


@pytest.mark.parametrize("who", ["tariq", "dev", "gita", "tess", "sam", "cora", "otto"])
def test_other_roles_neither_propose_nor_confirm(who: str, stock: Stock) -> None:
    proposal = propose(stock)
    for act in (
        ProposeErasure(by=person(who), cases=shown(stock, "phone"), reason="not_needed"),
        ConfirmErasure(by=person(who), proposals=[proposal.id]),
        TakeBackErasure(by=person(who), proposal=proposal.id),
    ):
        with pytest.raises(PermissionDenied):
            act.do()
    assert is_open(proposal)


def a_new_colleague(by: str, name: str) -> User:
    accounts.CreateAccount(by=person(by), username=name, name=name.title()).do()
    made = User.objects.get(username=name)
    RoleGrant.objects.create(user=made, role="office", since=date(2020, 9, 1))
    return made


def test_whoever_made_a_log_in_today_makes_no_pair_with_it(stock: Stock) -> None:
    made = a_new_colleague("hana", "nia")
    other = a_new_colleague("hana", "noor")
    assert not are_two(made, person("hana"), now().at)
    assert not are_two(person("hana"), made, now().at)
    assert not are_two(made, other, now().at), "both were made by one person"
    assert are_two(made, person("olive"), now().at)
    ProposeErasure(by=made, cases=shown(stock, "held"), reason="not_needed").do()
    proposal = ErasureProposal.objects.get()
    with pytest.raises(Refused, match="two people"):
        confirm(proposal, "hana")
    assert isinstance(stock.house.clock, SetClock)
    stock.house.clock.at += timedelta(hours=24)
    confirm(proposal, "hana")


def test_whoever_let_somebody_in_with_a_code_today_makes_no_pair_with_them(stock: Stock) -> None:
    proposal = propose(stock, who="olive")
    accounts.GiveCode(by=person("hana"), account=person("olive")).do()
    with pytest.raises(Refused, match="two people"):
        confirm(proposal, "hana")


def test_the_proposer_must_hold_the_role_still(stock: Stock) -> None:
    proposal = propose(stock)
    accounts.Revoke(by=person("hana"), account=person("olive"), role=Role.OFFICE).do()
    with pytest.raises(Refused, match="not the role"):
        confirm(proposal)


# --- bound to what was shown ----------------------------------------------------------------------


def test_a_proposal_dies_when_its_case_was_decided_again(stock: Stock) -> None:
    proposal = propose(stock)
    stock.rule_anew("held")
    with pytest.raises(Refused, match="has changed"):
        confirm(proposal)
    assert is_open(propose(stock)), "a new one takes the place of the dead one"
    assert not is_open(proposal)


def test_a_proposal_dies_after_seven_days(stock: Stock) -> None:
    proposal = propose(stock)
    assert isinstance(stock.house.clock, SetClock)
    stock.house.clock.at += timedelta(days=7, seconds=1)
    with pytest.raises(Refused, match="seven days"):
        confirm(proposal)
    assert state(stock) is State.DONE


def test_what_is_kept_frozen_unknown_or_otherwise_than_shown_is_not_proposed(stock: Stock) -> None:
    freeze(stock, "held")
    wrong = {stock.case("also held"): "0" * 64}
    for cases in (
        shown(stock, "kept"), shown(stock, "held"), wrong, {"b" * 26: "0" * 64}, {},
    ):  # fmt: skip
        with pytest.raises(Refused):
            ProposeErasure(by=person("olive"), cases=cases, reason="not_needed").do()


def test_one_open_proposal_of_a_case(stock: Stock) -> None:
    propose(stock)
    with pytest.raises(Refused, match="already"):
        propose(stock, who="hana")


def test_a_freeze_after_the_proposal_stops_it_and_a_release_needs_two_people_again(
    stock: Stock,
) -> None:
    proposal = propose(stock)
    freeze(stock, "held")
    with pytest.raises(Refused, match="frozen"):
        confirm(proposal)
    assert state(stock) is State.DONE
    act = Release(case=stock.case("held"), reference="WS-2026-004711")
    hand_in(stock.house.site(), act, who_of(person("hana"), {Role.HEAD}))
    assert state(stock) is State.DONE


def test_a_freeze_between_the_confirmation_and_the_agent_wins(stock: Stock) -> None:
    proposal = propose(stock)
    with stock.agent_running():
        confirm(proposal)
        freeze(stock, "held")
    assert state(stock) is State.DONE
    proposal.refresh_from_db()
    assert "Not erased" in erasing.became(proposal)


def test_nothing_is_confirmed_on_a_doubtful_clock(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal = propose(stock)
    doubtful = Moment(at=now().at, today=now().today, trusted=False)
    monkeypatch.setattr(SetClock, "now", lambda _self: doubtful)
    with pytest.raises(Refused, match="clock"):
        confirm(proposal)
    page = enter("olive").get(reverse("safeguarding:proposals")).content.decode()
    assert "clock of this computer cannot be right" in page


# --- held for too long ----------------------------------------------------------------------------


def listing(who: str) -> tuple[str, dict[str, str]]:
    response = enter(who).get(reverse("safeguarding:proposals"))
    context = response.context
    return response.content.decode(), {
        what: context[f"{what}_form"].initial["listed"] for what in ("due", "confirm")
    }


def send(who: str, what: str, listed: str, count: int) -> str:
    data = {"what": what, "listed": listed, "count": str(count)}
    return enter(who).post(reverse("safeguarding:proposals"), data, follow=True).content.decode()


def test_what_is_due_is_proposed_and_confirmed_by_two_people_with_a_count(stock: Stock) -> None:
    page, _ = listing("olive")
    assert "Nothing is due." in page
    stock.older(91)
    freeze(stock, "phone")
    page, listed = listing("olive")
    assert "passed over" in page
    assert stock.case("phone") not in page
    assert stock.case("kept") not in page
    assert ErasureProposal.objects.count() == 0, "a look proposes nothing"
    assert "not how many" in send("olive", "due", listed["due"], 3)
    assert ErasureProposal.objects.count() == 0
    assert "Proposed" in send("olive", "due", listed["due"], 2)
    assert ErasureProposal.objects.count() == 2
    page, listed = listing("olive")
    assert "Confirm: erase" not in page, "not by whoever proposed them"
    _, listed = listing("hana")
    assert "not how many" in send("hana", "confirm", listed["confirm"], 1)
    assert state(stock) is State.DONE
    assert "Confirmed" in send("hana", "confirm", listed["confirm"], 2)
    assert [state(stock, what) for what in ("held", "also held", "phone", "kept")] == [
        State.ERASED, State.ERASED, State.DONE, State.DONE,
    ]  # fmt: skip


def test_a_list_that_changed_since_it_was_shown_is_not_confirmed(stock: Stock) -> None:
    propose(stock)
    _, listed = listing("hana")
    propose(stock, "also held")
    assert "list has changed" in send("hana", "confirm", listed["confirm"], 2)
    assert state(stock) is State.DONE


def test_scenario_73_what_may_be_evidence_is_kept_past_its_time_until_it_is_released(
    stock: Stock,
) -> None:
    """Evidence of bullying is frozen: nothing proposes or erases it, however old it is."""
    freeze(stock, "held")
    stock.older(4000)
    with erasing.facts() as known:
        due = known.due()
    assert stock.case("held") in due.frozen
    assert stock.case("held") not in due.proposed
    act = Release(case=stock.case("held"), reference="WS-2026-004711")
    hand_in(stock.house.site(), act, who_of(person("sam"), {Role.SAFEGUARDING}))
    stock.older(100)
    with erasing.facts() as known:
        assert stock.case("held") in known.due().proposed


def test_one_pictures_page_proposes_and_confirms(stock: Stock) -> None:
    address = reverse("safeguarding:erase", args=[stock.case("held")])
    form = enter("olive").get(address).context["form"]
    sent = {"shown": form["shown"].value(), "reason": "not_needed"}
    assert "Proposed" in enter("olive").post(address, sent, follow=True).content.decode()
    assert "Confirm: erase it" not in enter("olive").get(address).content.decode()
    page = enter("hana").get(address)
    assert "Confirm: erase it" in page.content.decode()
    (proposal,) = page.context["mine"]
    done = enter("hana").post(address, {"confirm": proposal.id}, follow=True)
    assert "Confirmed" in done.content.decode()
    assert state(stock) is State.ERASED


# --- devices that are not on the register ---------------------------------------------------------


def test_scenario_22_a_personal_device_is_the_heads_matter_and_worded_as_evidence(
    stock: Stock,
) -> None:
    address = reverse("safeguarding:devices")
    page = enter("hana").get(address).content.decode()
    assert stock.case("phone") in page
    assert "metadata indicates a device that is not on the school&#x27;s register" in page
    assert "evidence and no proof" in page
    assert stock.case("held") not in page
    today = enter("hana").get("/").content.decode()
    assert "1 picture may come from a device that is not on the register." in today
    for who in ("olive", "tariq", "dev", "gita", "tess", "sam", "cora"):
        client = enter(who)
        assert client.get(address).status_code == 403
        assert "device that is not on the register" not in client.get("/").content.decode()
    erase = reverse("safeguarding:erase", args=[stock.case("phone")])
    assert "It is held." in enter("olive").get(erase).content.decode()
    assert "device" not in enter("olive").get(erase).content.decode().split("Why")[1][:200]


def test_a_deputy_sees_it_for_as_long_as_the_heads_role_is_theirs(stock: Stock) -> None:
    until = now().today + timedelta(days=2)
    accounts.Grant(by=person("hana"), account=person("tariq"), role=Role.HEAD, until=until).do()
    client = enter("tariq")
    assert stock.case("phone") in client.get(reverse("safeguarding:devices")).content.decode()
    assert isinstance(stock.house.clock, SetClock)
    stock.house.clock.at = datetime.combine(until, datetime.min.time(), UTC) + timedelta(days=1)
    assert client.get(reverse("safeguarding:devices")).status_code == 403


def test_a_frozen_detection_says_no_more_than_frozen(stock: Stock) -> None:
    freeze(stock, "phone")
    (one,) = devices.detections()
    assert one.is_frozen
    page = enter("hana").get(reverse("safeguarding:devices")).content.decode()
    assert "metadata indicates" not in page
