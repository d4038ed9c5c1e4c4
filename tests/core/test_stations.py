# SPDX-License-Identifier: Apache-2.0
"""Stations and invitations are exactly their texts; fingerprints tell two of them apart."""

from dataclasses import replace
from typing import Any

import pytest

from agent.core.canonical import decode, encode
from agent.core.stations import (
    Invitation,
    Station,
    fingerprint,
    parse_invitation,
    parse_station,
    same_fingerprint,
)

ID = "s" * 26
STATION = Station(id=ID, recipient="age1pq1abc", verifier=f"photowarden.station/{ID}+0123abcd+AAAA")
INVITATION = Invitation(
    school='Lark "field"',
    timezone="Europe/London",
    vault="v" * 26,
    office="age1pq1abc",
    recovery="age1pq1def",
    office_verifier="photowarden.office+0123abcd+AAAA",
    policy="a = 1\n\tb = 2\n",
)


def test_a_text_is_read_as_it_was_written() -> None:
    assert parse_station(STATION.text()) == STATION
    assert not STATION.retired
    retired = replace(STATION, retired=True)
    assert parse_station(retired.text()) == retired
    assert parse_invitation(INVITATION.text()) == INVITATION


@pytest.mark.parametrize(
    "spoilt",
    [
        {"id": "Amara"},
        {"id": "Amara", "verifier": "photowarden.station/Amara+0123abcd+AAAA"},
        {"id": "t" * 26},
        {"recipient": "age1abc"},
        {"recipient": ["age1pq1abc"]},
        {"verifier": "photowarden.office+0123abcd+AAAA"},
        {"retired": "yes"},
        {"retired": 0},
        {"note": "x"},
        {"format": "photowarden-station/2"},
    ],
)
def test_a_station_of_another_shape_is_refused(spoilt: dict[str, Any]) -> None:
    plain = decode(STATION.text().strip().encode())
    assert isinstance(plain, dict)
    with pytest.raises(ValueError, match=r"."):
        parse_station(encode({**plain, **spoilt}).decode() + "\n")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"vault": "Larkfield"},
        {"office": "age1abc"},
        {"recovery": "AGE-SECRET-KEY-PQ-1ABC"},
        {"office_verifier": "x"},
        {"policy": 1},
        {"format": "photowarden-station/1"},
    ],
)
def test_an_invitation_of_another_shape_is_refused(spoilt: dict[str, Any]) -> None:
    plain = decode(INVITATION.text().strip().encode())
    assert isinstance(plain, dict)
    with pytest.raises(ValueError, match=r"."):
        parse_invitation(encode({**plain, **spoilt}).decode() + "\n")


@pytest.mark.parametrize("name", ["id", "recipient", "verifier"])
def test_no_field_may_be_absent(name: str) -> None:
    plain = decode(STATION.text().strip().encode())
    assert isinstance(plain, dict)
    del plain[name]
    with pytest.raises(ValueError, match="fields"):
        parse_station(encode(plain).decode() + "\n")


def test_a_station_is_no_invitation() -> None:
    with pytest.raises(ValueError, match="format"):
        parse_invitation(STATION.text())


def test_a_fingerprint_is_six_groups_of_five_digits() -> None:
    shown = fingerprint(STATION.text())
    assert [len(group) for group in shown.split()] == [5] * 6
    assert shown.replace(" ", "").isdecimal()
    assert shown != fingerprint(replace(STATION, recipient="age1pq1abd").text())


@pytest.mark.parametrize("mark", [" ", "-", "", "\n"])
def test_a_fingerprint_may_be_typed_with_any_marks_between(mark: str) -> None:
    shown = fingerprint(STATION.text())
    assert same_fingerprint(STATION.text(), shown.replace(" ", mark))
    assert not same_fingerprint(STATION.text(), shown.replace(" ", mark)[:-1])
    assert not same_fingerprint(STATION.text(), "")
