# SPDX-License-Identifier: Apache-2.0
"""The held queue and the review of one picture, over real sealed pictures of a real site."""

import json
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from agent import bootstrap
from agent.core.case import Record
from agent.core.concerns import Concern, Verdict
from agent.core.desk import Freeze, Item
from agent.core.who import AccountId, Role, Who
from agent.demo import school as demo
from agent.handing_in import hand_in
from agent.lock import only_agent
from agent.site import LOCK, new_id
from service.office.house import House, now
from service.office.library.index import catch_up
from service.office.register.acts.people import Restrict
from service.office.register.publishing import publish
from tests.builders import OFFICE
from tests.office import held_pictures, school
from tests.office.cast import enter, person
from tests.office.held_pictures import Class3B, record, taken
from tests.office.keys import enter_unlocked

AMARA, BEN, CLEO, DARA = "Amara Okafor (3B)", "Ben Hart (3B)", "Cleo Moss (3B)", "Dara Vale (3B)"


@pytest.fixture(autouse=True)
def class3b(office_site: House) -> Class3B:
    return held_pictures.make_class(office_site)


def process(house: House, **pictures: bytes) -> dict[str, Record]:
    """Let the agent work on pictures in the folder of 3B, and index them."""
    places = {f"camera-1/3B/{name}.JPG": content for name, content in pictures.items()}
    made = held_pictures.process(house, places)
    catch_up()
    return {place.rsplit("/", 1)[1].removesuffix(".JPG"): one for place, one in made.items()}


def address(route: str, *given: str) -> str:
    return reverse(f"review:{route}", args=given)


def say(client: Client, case: str, *names: str, everyone: bool = True, **more: str) -> str:
    """Name the faces from left to right, and return the page after it."""
    page = client.get(address("picture", case))
    sent = {f"face-{number}-name": name for number, name in enumerate(names, start=1)}
    sent |= {"everyone": "yes" if everyone else "no", "basis": page.context["basis"], **more}
    return client.post(address("picture", case), sent, follow=True).content.decode()


def cleared(client: Client, case: str) -> dict[str, str]:
    page = client.get(address("picture", case))
    return {one["label"]: one["why"] for one in page.context["cleared"]}


# --- scenarios B ----------------------------------------------------------------------------------


def test_22_a_telephone_is_evidence_for_the_head_and_held_for_colleagues(
    office_site: House,
) -> None:
    case = process(office_site, a=taken(1, 1, demo.PHONE))["a"].case
    told = enter_unlocked("hana").get(address("picture", case)).content.decode()
    assert Concern.DEVICE_UNREGISTERED.sentence.replace("'", "&#x27;") in told
    olive = enter_unlocked("olive")
    for page in (address("queue"), address("picture", case)):
        told = olive.get(page).content.decode()
        assert "It is held. The headteacher knows why." in told
        assert "device that is not" not in told
    for there in ("absent", "cover"):
        assert olive.get(address(there, case)).status_code == 403
    assert olive.post(address("picture", case), {"everyone": "yes"}).status_code == 403
    found = olive.get(address("queue"), {"reason": "device"})
    assert case not in found.content.decode()
    assert case in enter("hana").get(address("queue"), {"reason": "device"}).content.decode()


def test_who_is_not_told_why_is_not_told_who_looked_and_what_they_said(
    office_site: House,
) -> None:
    case = process(office_site, a=taken(1, 1, demo.PHONE))["a"].case
    hana = enter_unlocked("hana")
    hana.get(reverse("pictures:preview", args=[case]))
    assert say(hana, case, "Amara")
    told = hana.get(address("picture", case)).content.decode()
    assert 'id="history"' in told
    assert 'id="seen"' in told
    assert "Hana Head" in told[told.index('id="seen"') :]
    told = enter_unlocked("olive").get(address("picture", case)).content.decode()
    assert 'id="history"' not in told
    assert 'id="seen"' not in told
    assert "Hana Head" not in told


def test_a_frozen_picture_shows_as_frozen_before_the_index_knows(office_site: House) -> None:
    case = process(office_site, a=taken(1, 1, demo.PHONE))["a"].case
    olive = enter_unlocked("olive")
    assert ">Frozen<" not in olive.get(address("queue")).content.decode()
    with bootstrap.open_desk(office_site.site()) as desk:
        desk.put(Item(id=new_id(), act=Freeze(case=case), by=OFFICE, at=now().at))
    told = olive.get(address("queue")).content.decode()
    assert "Frozen" in told
    assert "It is held" not in told


def test_23_and_24_the_reason_of_a_device_is_told_with_what_to_do(office_site: House) -> None:
    ipad = replace(demo.IPAD, taken="2026:09:14 10:00:00")
    made = process(
        office_site,
        a=taken(1, 1, ipad),
        b=taken(1, 2, replace(demo.CANON, make="", model="", serial="")),
    )
    olive = enter_unlocked("olive")
    told = olive.get(address("picture", made["b"].case)).content.decode()
    assert Concern.DEVICE_NO_EVIDENCE.sentence in told
    assert Concern.DEVICE_NO_EVIDENCE.remedy in told
    assert made["a"].ruling.verdict is Verdict.HOLD


# --- scenarios C ----------------------------------------------------------------------------------


def test_37_an_untagged_picture_of_a_class_says_which_purposes_it_is_cleared_for(
    office_site: House,
) -> None:
    case = process(office_site, a=taken(2, 1))["a"].case
    olive = enter_unlocked("olive")
    absent = olive.get(address("absent", case))
    cleo = next(one for one in absent.context["roster"] if one["label"] == CLEO)
    sent = {"absent": cleo["token"], "basis": absent.context["basis"]}
    told = olive.post(address("absent", case), sent, follow=True).content.decode()
    assert "Decided again: it is kept." in told
    assert record(office_site, case).ruling.verdict is Verdict.KEEP
    now = cleared(olive, case)
    assert now["School website"]
    assert now["Being photographed, and kept in the school's storage"] == ""


def test_38_and_39_naming_clears_and_naming_one_more_takes_it_back(office_site: House) -> None:
    case = process(office_site, a=taken(2, 1))["a"].case
    olive = enter_unlocked("olive")
    assert "Decided again: it is kept." in say(olive, case, AMARA, BEN)
    assert cleared(olive, case)["School website"] == ""
    told = say(olive, case, AMARA, BEN, beside=DARA)
    assert "it is kept" in told
    assert cleared(olive, case)["School website"]
    assert "it is held" in say(olive, case, AMARA, CLEO)
    assert record(office_site, case).ruling.concerns == (Concern.PERMISSION_REFUSED,)


def test_40_a_visitor_blocks_every_purpose_but_being_kept(office_site: House) -> None:
    case = process(office_site, a=taken(2, 1))["a"].case
    olive = enter_unlocked("olive")
    assert "it is kept" in say(olive, case, AMARA, **{"face-2-is": "visitor"})
    now = cleared(olive, case)
    base = now.pop("Being photographed, and kept in the school's storage")
    assert base == ""
    assert all("Visitors" in why for why in now.values())


def test_41_a_member_of_staff_who_refused_publicity_blocks_it(office_site: House) -> None:
    adult = school.a_pupil("Mo", "Staffer", sort="staff")
    school.answer(adult, None, "yes", "photograph_and_store")
    school.answer(adult, None, "no", "website")
    publish()
    case = process(office_site, a=taken(2, 1))["a"].case
    olive = enter_unlocked("olive")
    assert "it is kept" in say(olive, case, AMARA, "Mo Staffer (staff)")
    assert cleared(olive, case)["School website"]


def test_42_why_a_child_must_not_be_photographed_is_not_told_to_colleagues(
    class3b: Class3B, office_site: House
) -> None:
    Restrict(by=person("hana"), person=class3b.ben, reason="A court order.").do()
    publish()
    case = process(office_site, a=taken(1, 1))["a"].case
    told = enter_unlocked("tariq").get(address("picture", case)).content.decode()
    assert "The headteacher knows why." in told
    assert "must not be photographed" not in told
    told = enter_unlocked("sam").get(address("picture", case)).content.decode()
    assert Concern.PERMISSION_RESTRICTED.sentence in told


def test_43_that_nobody_is_in_it_is_confirmed_by_name(office_site: House) -> None:
    case = process(office_site, a=demo.camera_jpeg(3, demo.CANON, size=(400, 300)))["a"].case
    olive = enter_unlocked("olive")
    page = olive.get(address("picture", case))
    sent = {"everyone": "yes", "basis": page.context["basis"]}
    for number in range(1, (record(office_site, case).facts.faces or 0) + 1):
        sent[f"face-{number}-is"] = "too_small"
    told = olive.post(address("picture", case), sent, follow=True).content.decode()
    assert "it is kept" in told
    (line,) = [one for one in olive.get(address("picture", case)).context["lines"] if "id" in one]
    assert line["by"] == "Olive Office"
    assert line["what"].startswith("Nobody is in it") or line["details"]


# --- what a page takes ----------------------------------------------------------------------------


def test_an_unclear_answer_is_refused_and_nothing_is_typed_twice(office_site: House) -> None:
    case = process(office_site, a=taken(2, 1))["a"].case
    olive = enter_unlocked("olive")
    told = say(olive, case, AMARA)
    assert "Nothing is said of face 2 yet" in told
    assert f'value="{AMARA}"' in told
    told = say(olive, case, "Somebody Else", BEN)
    assert "Face 1: no one person in the list has this name" in told
    assert record(office_site, case).rulings == 1


def test_an_answer_on_what_somebody_else_changed_meanwhile_is_refused(office_site: House) -> None:
    case = process(office_site, a=taken(2, 1))["a"].case
    olive = enter_unlocked("olive")
    say(olive, case, AMARA, CLEO)
    told = say(olive, case, AMARA, BEN, basis="")
    assert "meanwhile" in told
    assert record(office_site, case).ruling.verdict is Verdict.HOLD


def test_what_was_said_is_taken_back_one_by_one(office_site: House) -> None:
    case = process(office_site, a=taken(2, 1))["a"].case
    olive = enter_unlocked("olive")
    say(olive, case, AMARA, CLEO)
    say(olive, case, AMARA, BEN)
    assert record(office_site, case).ruling.verdict is Verdict.KEEP
    lines = olive.get(address("picture", case)).context["lines"]
    statements = [one for one in lines if one.get("id")]
    assert [one["may_be_taken_back"] for one in statements] == [True, False]
    older = address("undo", case, statements[1]["id"])
    assert olive.post(older, follow=True).status_code == 200
    assert record(office_site, case).ruling.verdict is Verdict.KEEP
    olive.post(address("undo", case, statements[0]["id"]))
    assert record(office_site, case).ruling.concerns == (Concern.PERMISSION_REFUSED,)
    assert record(office_site, case).facts.attribution.stated


def test_one_answer_for_many_is_a_statement_of_each_and_undone_as_one(office_site: House) -> None:
    made = process(office_site, a=taken(2, 1), b=taken(2, 9), c=taken(1, 17))
    olive = enter_unlocked("olive")
    cases = [made[name].case for name in "abc"]
    page = olive.post(address("same"), {"case": cases})
    assert [one["id"] for one in page.context["differing"]] == [cases[2]]
    assert "It shows 1 faces, the first one 2." in page.content.decode()
    olive.post(address("same"), {"case": cases[:2]})
    sent = {"face-1-name": AMARA, "face-2-name": BEN, "everyone": "yes"}
    told = olive.post(address("same"), sent, follow=True).content.decode()
    assert "Said of 2 pictures: 2 kept now, 0 held." in told
    with bootstrap.open_journal(office_site.site()) as journal:
        said = [journal.said([case]) for case in cases]
    assert [len(one) for one in said] == [1, 1, 0]
    told = olive.post(address("undo_last"), follow=True).content.decode()
    assert "0 kept now, 2 held" in told
    assert record(office_site, cases[0]).ruling.verdict is Verdict.HOLD


def test_an_absence_says_how_many_pictures_it_touched_and_is_undone(office_site: House) -> None:
    made = process(office_site, a=taken(2, 1), b=taken(1, 9))
    olive, cases = enter_unlocked("olive"), [one.case for one in made.values()]
    page = olive.get(address("absent", cases[0]))
    assert "2 pictures are in this sitting" in page.content.decode()
    cleo = next(one for one in page.context["roster"] if one["label"] == CLEO)
    sent = {"absent": cleo["token"], "basis": page.context["basis"]}
    told = olive.post(address("absent", cases[0]), sent, follow=True).content.decode()
    assert "1 picture decided otherwise with it" in told
    assert all(record(office_site, case).ruling.verdict is Verdict.KEEP for case in cases)
    olive.post(address("undo_last"))
    assert all(record(office_site, case).ruling.verdict is Verdict.HOLD for case in cases)


def test_while_the_agent_runs_an_answer_waits_and_is_said_to(office_site: House) -> None:
    case = process(office_site, a=taken(1, 1))["a"].case
    olive = enter_unlocked("olive")
    with only_agent(office_site.folder / LOCK):
        assert "The agent at this computer is told" in say(olive, case, AMARA)
        sent = {"cover": "1", "nobody": "yes"}
        told = olive.post(address("cover", case), sent).content.decode()
        assert "The agent is at work on this computer" in told
        assert "Nothing was made" in told


def test_a_redacted_copy_is_a_case_of_its_own(office_site: House) -> None:
    case = process(office_site, a=taken(2, 1))["a"].case
    olive = enter_unlocked("olive")
    told = olive.post(address("cover", case), {"cover": "2"}).content.decode()
    assert "Say who is still to be seen" in told
    sent = {"cover": "2", "left": AMARA}
    done = olive.post(address("cover", case), sent, follow=True)
    copy = done.redirect_chain[-1][0].rsplit("/", 1)[1]
    assert record(office_site, copy).evidence.parent == case
    assert record(office_site, copy).ruling.verdict is Verdict.KEEP
    assert record(office_site, case).ruling.verdict is Verdict.HOLD


def test_a_frozen_picture_shows_that_and_nothing_else(office_site: House) -> None:
    case = process(office_site, a=taken(1, 1))["a"].case
    olive = enter_unlocked("olive")
    say(olive, case, CLEO)
    by = Who(account=AccountId(person("sam").id), role=Role.SAFEGUARDING_LEAD)
    hand_in(office_site.site(), Freeze(case=case), by)
    catch_up()
    told = olive.get(address("picture", case)).content.decode()
    assert "Frozen" in told
    for word in ("Cleo", "permission", "Cleared", "History"):
        assert word not in told
    queue = olive.get(address("queue")).context["cards"]
    assert [(one["why"], one["counts"], one["preview"]) for one in queue] == [("Frozen", "", "")]
    assert olive.post(address("picture", case), {"everyone": "yes"}).status_code == 403


def test_a_teacher_sees_and_answers_for_their_own_classes_alone(office_site: House) -> None:
    other = school.a_pupil("Faye", "Elsewhere")
    school.a_group("5A", other)
    publish()
    made = held_pictures.process(office_site, {"camera-1/5A/x.JPG": taken(1, 30)})
    theirs = process(office_site, a=taken(1, 1))["a"].case
    tariq = enter_unlocked("tariq")
    assert [one["id"] for one in tariq.get(address("queue")).context["cards"]] == [theirs]
    (foreign,) = made.values()
    for route in ("picture", "absent", "cover"):
        assert tariq.get(address(route, foreign.case)).status_code == 404
    page = tariq.get(address("picture", theirs)).content.decode()
    assert AMARA in page
    assert "Faye" not in page


def test_locked_the_queue_is_a_list_of_text_and_answers_wait_for_the_key(
    office_site: House,
) -> None:
    case = process(office_site, a=taken(1, 1))["a"].case
    locked = enter("olive")
    page = locked.get(address("queue")).content.decode()
    assert Concern.PERMISSION_REFUSED.sentence in page
    assert "unlock to see them" in page
    assert "/pictures/" not in page
    sent = locked.post(address("picture", case), {"face-1-name": AMARA, "everyone": "yes"})
    assert sent.status_code == 302
    assert "unlock" in sent.headers["Location"]
    assert record(office_site, case).rulings == 1


def test_filters_find_by_reason_class_sitting_and_age(class3b: Class3B, office_site: House) -> None:
    case = process(office_site, a=taken(1, 1))["a"].case
    olive = enter("olive")
    page = olive.get(address("queue"))
    for chips in page.context["filters"]:
        assert len(chips.options) > 1, chips.word
    sitting = next(one for one in page.context["filters"] if one.word == "Sitting").options[1]
    assert sitting.word.startswith("3B, 14 Sep")
    for query, found in {
        "reason=permission": 1, "reason=people": 0, f"group={class3b.group.id}": 1, "group=x": 0,
        sitting.query: 1, "sitting=x": 0, "age=today": 1, "age=older": 0, "reason=nonsense": 1,
    }.items():  # fmt: skip
        cards = olive.get(f"{address('queue')}?{query}").context["cards"]
        assert [one["id"] for one in cards] == [case] * found, query


def test_an_empty_queue_says_what_came_in(office_site: House) -> None:
    case = process(office_site, a=taken(1, 1))["a"].case
    olive = enter_unlocked("olive")
    assert "One picture is held." in olive.get(reverse("today")).content.decode()
    say(olive, case, AMARA)
    told = olive.get(address("queue")).content.decode()
    assert "One picture came in today and could be kept" in told


def test_no_page_and_no_address_of_the_review_carries_a_restrictions_reason_or_a_file_name(
    office_site: House,
) -> None:
    case = process(office_site, secretname=taken(1, 1))["secretname"].case
    olive = enter_unlocked("olive")
    for there in (address("queue"), address("picture", case), address("cover", case)):
        assert "secretname" not in olive.get(there).content.decode()
    assert json.dumps(dict(olive.session)).count("Amara") == 0
