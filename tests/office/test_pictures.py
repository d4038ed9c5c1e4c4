# SPDX-License-Identifier: Apache-2.0
"""Sealed pictures as somebody with an unlocked key sees them, and everybody who does not."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from agent.core.desk import Freeze
from agent.handing_in import lay_down
from agent.media.verify_jpeg import verify_jpeg
from service.office.keyring import holding
from service.office.library import index
from service.office.library.models import Viewing
from service.office.pictures import facts, previews
from service.office.pictures.previews import Form, NotShown
from service.office.roles import Role
from service.office.who import who_of
from tests.office.cast import enter, person
from tests.office.keys import enter_unlocked
from tests.office.stocked import Stock

ROUTES = ("preview", "thumbnail")


@pytest.fixture(autouse=True)
def _indexed(stock: Stock) -> None:
    holding.drop_all()
    assert stock.house.has_site
    index.catch_up()


def get(
    client: Client, stock: Stock, what: str = "held", route: str = "preview"
) -> tuple[int, bytes]:
    response = client.get(reverse(f"pictures:{route}", args=[stock.case(what)]))
    return response.status_code, response.content


def test_a_preview_is_a_small_jpeg_without_metadata_and_is_never_kept(stock: Stock) -> None:
    client = enter_unlocked("olive")
    response = client.get(reverse("pictures:preview", args=[stock.case("held")]))
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/jpeg")
    assert response.headers["Cache-Control"] == "no-store, private"
    assert response.headers["Content-Disposition"] == 'inline; filename="picture.jpg"'
    verify_jpeg(io.BytesIO(response.content))
    with Image.open(io.BytesIO(response.content)) as picture:
        assert max(picture.size) <= 1600
        assert not dict(picture.getexif())
    with Image.open(io.BytesIO(get(client, stock, route="thumbnail")[1])) as picture:
        assert max(picture.size) <= 320


def test_that_somebody_saw_it_is_recorded_for_the_preview_alone(stock: Stock) -> None:
    client = enter_unlocked("olive")
    get(client, stock, route="thumbnail")
    assert not Viewing.objects.exists()
    get(client, stock)
    get(client, stock)
    assert [view.user for view in Viewing.objects.all()] == [person("olive")]


@pytest.mark.parametrize("route", ROUTES)
def test_without_an_unlocked_key_there_is_a_sign_and_no_picture(route: str, stock: Stock) -> None:
    status, content = get(enter("olive"), stock, route=route)
    assert (status, content[:4]) == (423, b"<svg")


@pytest.mark.parametrize("route", ROUTES)
def test_a_freeze_counts_for_a_picture_that_was_seen_before(route: str, stock: Stock) -> None:
    client = enter_unlocked("olive")
    assert get(client, stock, route=route)[0] == 200
    lay_down(
        stock.house.site(),
        Freeze(case=stock.case("held"), concerns_head=False),
        who_of(person("olive"), {Role.OFFICE}),
    )
    assert get(client, stock, route=route)[0] in {404, 423}


def test_a_picture_of_a_personal_device_is_for_the_head(stock: Stock) -> None:
    assert get(enter_unlocked("olive"), stock, "phone")[0] == 404
    assert get(enter_unlocked("hana"), stock, "phone")[0] == 200


@pytest.mark.parametrize("username", ["tariq", "dev"])
def test_who_may_not_look_finds_no_picture_though_unlocked(username: str, stock: Stock) -> None:
    assert get(enter_unlocked(username), stock)[0] == 404


def test_a_key_that_is_dropped_meanwhile_opens_nothing_more(stock: Stock) -> None:
    enter_unlocked("olive")
    (key,) = holding._KEYS.values()
    record = stock.record("held")
    assert facts.facts_of(key, record)["name"] == "camera-1/5A/2.JPG"
    assert isinstance(previews.small(key, record, Form.THUMBNAIL), bytes)
    holding.drop_all()
    for opening in (
        lambda: facts.facts_of(key, record),
        lambda: previews.small(key, record, Form.THUMBNAIL),
    ):
        with pytest.raises(holding.Locked):
            opening()
    assert holding.SHELF.size == 0


def test_facts_are_opened_once_a_key(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    enter_unlocked("olive")
    (key,) = holding._KEYS.values()
    first = facts.facts_of(key, stock.record("held"))
    monkeypatch.setattr(facts, "opened", None)
    assert facts.facts_of(key, stock.record("held")) == first


def test_one_face_is_cut_out_and_a_face_that_is_not_there_is_none(stock: Stock) -> None:
    enter_unlocked("olive")
    (key,) = holding._KEYS.values()
    shown = previews.small(key, stock.record("held"), Form.FACE, [0.4, 0.4, 0.2, 0.2], 1)
    assert isinstance(shown, bytes)
    with Image.open(io.BytesIO(shown)) as picture:
        assert picture.size == (136, 102)
    client = enter_unlocked("olive")
    response = client.get(reverse("pictures:face", args=[stock.case("held"), 99]))
    assert (response.status_code, response.content[:4]) == (404, b"<svg")


def test_more_pictures_in_a_minute_than_anybody_looks_at_are_refused(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enter_unlocked("olive")
    monkeypatch.setattr(holding, "MOST_OPENINGS", 2)
    assert [get(client, stock)[0] for _ in range(3)] == [200, 200, 429]


def test_what_the_child_returns_is_not_believed(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enter_unlocked("olive")
    monkeypatch.setattr(previews.Child, "preview", lambda *_: b"<script>")
    status, content = get(client, stock)
    assert (status, content[:4]) == (200, b"<svg")
    assert NotShown.UNREADABLE.value.encode() in content
