# SPDX-License-Identifier: Apache-2.0
"""The device gate, case by case: what a serial, a model and a folder prove together."""

from dataclasses import replace
from datetime import timedelta

from agent.core.model import DeviceReference, Evidence, Grade, Provenance
from agent.core.provenance import grade_device
from agent.core.register import Device
from tests.builders import CAMERA, IPAD, TODAY, a_register, clue, evidence

OTHER = DeviceReference("e" * 26)
BY_IPAD = evidence(
    serials=frozenset(), model=clue("ipad"), folders=frozenset({clue("ipad-1"), clue("3b")})
)


def grade(what: Evidence, *devices: Device) -> Provenance:
    register = a_register()
    known = {**register.devices, **{device.reference: device for device in devices}}
    return grade_device(what, replace(register, devices=known), TODAY)


def an_ipad(reference: DeviceReference = IPAD, **changes: object) -> Device:
    ours = a_register().devices[IPAD]
    return replace(ours, reference=reference, **changes)


def test_a_serial_of_two_devices_is_contradictory() -> None:
    twin = replace(a_register().devices[CAMERA], reference=OTHER)
    assert grade(evidence(), twin) == Provenance(grade=Grade.CONTRADICTORY)


def test_a_registered_serial_needs_no_folder_of_its_own() -> None:
    what = evidence(folders=frozenset({clue("3b")}))
    assert grade(what) == Provenance(grade=Grade.REGISTERED, device=CAMERA)


def test_a_registered_serial_without_a_model_counts() -> None:
    assert grade(evidence(model=None)).grade is Grade.REGISTERED


def test_a_registered_serial_of_a_device_without_a_model_counts() -> None:
    nameless = replace(a_register().devices[CAMERA], model=None)
    assert grade(evidence(), nameless).grade is Grade.REGISTERED


def test_two_serials_of_one_device_are_one_device() -> None:
    both = frozenset({clue("serial 1"), clue("internal 1")})
    device = replace(a_register().devices[CAMERA], serials=both)
    assert grade(evidence(serials=both), device).grade is Grade.REGISTERED


def test_of_two_ipads_by_one_folder_the_one_in_use_is_meant() -> None:
    old = an_ipad(retired_on=TODAY - timedelta(days=9))
    assert grade(BY_IPAD, old, an_ipad(OTHER)) == Provenance(grade=Grade.CONSISTENT, device=OTHER)
    assert grade(BY_IPAD, an_ipad(), replace(old, reference=OTHER)).device == IPAD


def test_of_two_ipads_in_use_the_first_is_named() -> None:
    assert grade(BY_IPAD, an_ipad(OTHER)).device == IPAD


def test_two_retired_ipads_are_retired() -> None:
    gone = TODAY - timedelta(days=1)
    found = grade(BY_IPAD, an_ipad(retired_on=gone), an_ipad(OTHER, retired_on=gone))
    assert found.grade is Grade.RETIRED


def by_the_retired_camera(captured: int | None, arrived: int | None) -> Grade:
    """Return the grade of what a camera took that was retired today, by days from today."""
    camera = replace(a_register().devices[CAMERA], retired_on=TODAY)
    days = [None if day is None else TODAY + timedelta(days=day) for day in (captured, arrived)]
    return grade(evidence(captured_on=days[0], arrived_on=days[1]), camera).grade


def test_what_came_here_while_the_device_was_in_use_stays_good() -> None:
    assert by_the_retired_camera(-2, -1) is Grade.REGISTERED
    assert by_the_retired_camera(None, -1) is Grade.REGISTERED


def test_what_was_taken_or_came_after_the_device_was_retired_is_held() -> None:
    assert by_the_retired_camera(-2, 0) is Grade.RETIRED
    assert by_the_retired_camera(0, -1) is Grade.RETIRED
    assert by_the_retired_camera(-2, None) is Grade.RETIRED


def test_a_device_that_is_retired_tomorrow_is_in_use_today() -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert grade(BY_IPAD, an_ipad(retired_on=tomorrow)).grade is Grade.CONSISTENT
