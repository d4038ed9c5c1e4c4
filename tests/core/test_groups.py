# SPDX-License-Identifier: Apache-2.0
"""Files belong together by name, and belonging together never loosens a verdict."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.concerns import Concern, Verdict
from agent.core.decide import judge, judge_together
from agent.core.groups import group_name, is_sidecar
from agent.core.model import Evidence, Facts
from tests.builders import a_question, a_tag, clue, evidence

UNKNOWN = evidence(tags=(a_tag("a visitor"),))
RAW = Evidence(refusal=Concern.MEDIA_UNVERIFIABLE, folders=evidence().folders)
PHONE = evidence(serials=frozenset(), model=clue("phone"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IMG_0001.HEIC", "IMG_0001.MOV"),
        ("DSC_0001.NEF", "DSC_0001.JPG"),
        ("IMG_1234.JPG", "IMG_E1234.JPG"),
        ("IMG_1234.JPG", "IMG_1234-edited.jpg"),
        ("IMG_1234.HEIC", "IMG_1234_edited (1).jpg"),
        ("IMG_1234.JPG", "IMG_1234 - Copy.JPG"),
        ("20261122_093015.jpg", "20261122_093015~2.jpg"),
        ("IMG_1234.JPG", "IMG_1234.AAE"),
        ("IMG_1234.JPG", "IMG_O1234.AAE"),
        ("MVI_0001.MOV", "MVI_0001.THM"),
        ("GOPR0001.MP4", "GOPR0001.LRV"),
        ("a.jpg", "a.xmp"),
        ("a.jpg", "a.jpg.xmp"),
        ("a.jpg", "._a.jpg"),
    ],
)
def test_files_of_one_picture_belong_together(one: str, other: str) -> None:
    assert group_name(one) == group_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IMG_0001.HEIC", "IMG_0002.MOV"),
        ("IMG_0001.JPG", "IMG_0001 (2).JPG"),
        ("a.jpg", "a.txt"),
        ("IMG_12.JPG", "IMG_12~1.JPG"),
        ("edited.jpg", "-edited.jpg"),
        ("a.jpg", "a"),
        (".jpg", ".png"),
    ],
)
def test_other_files_do_not(one: str, other: str) -> None:
    assert group_name(one) != group_name(other)


@pytest.mark.parametrize("name", ["A.AAE", "a.xmp", "a.jpg.xmp", "a.thm", "a.lrv", "._a.jpg"])
def test_a_sidecar_is_known_by_its_name(name: str) -> None:
    assert is_sidecar(name, 1000)


@pytest.mark.parametrize(
    ("name", "size"),
    [("a.jpg", 1), ("a", 1), ("a.aae.jpg", 1), ("a.thm", 1 << 20), ("a.aae", 1 << 23)],
)
def test_a_medium_is_no_sidecar(name: str, size: int) -> None:
    assert not is_sidecar(name, size)


def facts_of(what: Evidence) -> Facts:
    return a_question(what).facts


def test_what_objects_to_one_objects_to_the_other() -> None:
    decision = judge_together(a_question(), [facts_of(UNKNOWN)])
    assert decision.verdict is Verdict.HOLD
    assert decision.concerns == (Concern.PEOPLE_UNKNOWN_NAME,)


def test_a_raw_does_not_hold_its_jpeg() -> None:
    assert judge_together(a_question(), [facts_of(RAW)]).verdict is Verdict.KEEP


def test_a_broken_companion_is_its_own_affair() -> None:
    broken = replace(RAW, refusal=Concern.MEDIA_UNREADABLE)
    assert judge_together(a_question(), [facts_of(broken)]).verdict is Verdict.KEEP


def test_a_strange_device_beside_a_school_device_is_not_covered_by_it() -> None:
    """Facts of devices are never joined: a phone's picture named like a camera's stays held."""
    decision = judge_together(a_question(PHONE), [facts_of(evidence())])
    assert Concern.DEVICE_UNREGISTERED in decision.concerns


EVIDENCES = st.sampled_from([evidence(), UNKNOWN, RAW, PHONE, Evidence()])


@given(EVIDENCES, st.lists(EVIDENCES, max_size=3))
def test_company_never_loosens(own: Evidence, others: list[Evidence]) -> None:
    alone = judge(a_question(own))
    together = judge_together(a_question(own), map(facts_of, others))
    assert set(alone.concerns) <= set(together.concerns)
    assert alone.verdict <= together.verdict


def test_alone_is_alone() -> None:
    assert judge_together(a_question(UNKNOWN), []) == judge(a_question(UNKNOWN))
