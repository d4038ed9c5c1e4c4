# SPDX-License-Identifier: Apache-2.0
"""The device gate: did a school device take this?

Metadata can rule a device out but seldom prove one, so a model alone passes only together with
the route: the device's own import folder. Apple devices write no serial number.

A device that was retired is judged by the day of capture and the day of import: what was taken and
brought here while it was in use stays good, what came later is held, for a camera's clock may lie.

Rule: a serial that is not ours is never excused by a model that is.
"""

from datetime import date

from agent.core.model import Evidence, Grade, Provenance
from agent.core.register import Device, Register


def grade_device(evidence: Evidence, register: Register, on: date) -> Provenance:
    """Return how well the evidence proves that a device on the register took the medium.

    `on` is today: the day of import where the evidence has none.
    """
    if evidence.serials:
        return _by_serial(evidence, register, on)
    if evidence.model is not None:
        return _by_model(evidence, register, on)
    return Provenance(grade=Grade.NO_EVIDENCE)


def _routes(evidence: Evidence, register: Register) -> list[Device]:
    return [d for d in register.devices.values() if d.folders & evidence.folders]


def _by_serial(evidence: Evidence, register: Register, on: date) -> Provenance:
    found = [d for d in register.devices.values() if d.serials & evidence.serials]
    if not found:
        return Provenance(grade=Grade.UNREGISTERED)
    if len(found) > 1 or not evidence.serials <= found[0].serials:
        return Provenance(grade=Grade.CONTRADICTORY)
    device, routes = found[0], _routes(evidence, register)
    other_model = None not in (device.model, evidence.model) and device.model != evidence.model
    if other_model or (routes and device not in routes):
        return Provenance(grade=Grade.CONTRADICTORY, device=device.reference)
    return _unless_retired(Grade.REGISTERED, device, evidence, on)


def _by_model(evidence: Evidence, register: Register, on: date) -> Provenance:
    ours = [d for d in register.devices.values() if d.model == evidence.model]
    if not ours:
        return Provenance(grade=Grade.UNREGISTERED)
    routes = _routes(evidence, register)
    if not routes:
        return Provenance(grade=Grade.UNROUTED)
    matching = [d for d in routes if d in ours]
    if not matching:
        return Provenance(grade=Grade.CONTRADICTORY)
    in_use = [d for d in matching if not _retired(d, evidence, on)]
    return _unless_retired(Grade.CONSISTENT, (in_use or matching)[0], evidence, on)


def _retired(device: Device, evidence: Evidence, on: date) -> bool:
    """Tell whether a device was out of use when the medium was taken or when it came here."""
    days = (evidence.captured_on or date.min, evidence.arrived_on or on)
    return device.retired_on is not None and device.retired_on <= max(days)


def _unless_retired(grade: Grade, device: Device, evidence: Evidence, on: date) -> Provenance:
    retired = _retired(device, evidence, on)
    return Provenance(grade=Grade.RETIRED if retired else grade, device=device.reference)
