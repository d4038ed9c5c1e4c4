# SPDX-License-Identifier: Apache-2.0
"""Is a case frozen? Asked at once before every write, of journal and desk together.

A freeze counts as soon as it lies on the desk, a release when the agent has taken it in. A case is
frozen with everything that arrived as one with it.
"""

from collections.abc import Iterable, Mapping

from agent.core.case import FileIdentity, Record
from agent.core.freezing import Frozen, frozen, touches
from agent.core.model import CaseId, ObjectId
from agent.ports import Known


def frozen_cases(ports: Known) -> Mapping[CaseId, Frozen]:
    """Return the cases that somebody froze, without their companions."""
    noted, waiting = ports.journal.freezes(), ports.desk.freezes()
    return frozen([*noted, *waiting]) if noted or waiting else {}


def is_frozen(ports: Known, case: CaseId, group: Iterable[CaseId] = ()) -> bool:
    """Tell whether a case or anything that arrived as one with it is frozen."""
    cases = frozen_cases(ports)
    return bool(cases) and touches(case, {*group, *ports.journal.companions(case)}, cases)


def untouched(ports: Known, records: Iterable[Record]) -> list[Record]:
    """Return the records that are not frozen at this moment."""
    return [record for record in records if not is_frozen(ports, record.case, record.group)]


def frozen_records(ports: Known) -> list[Record]:
    """Return the records of all that is frozen, companions too."""
    cases: dict[CaseId, None] = {}
    for case in frozen_cases(ports):
        cases |= dict.fromkeys([case, *ports.journal.companions(case)])
    return [record for case in cases if (record := ports.journal.find(case)) is not None]


def frozen_objects(ports: Known) -> frozenset[ObjectId]:
    """Return the sealed objects of all that is frozen."""
    return frozenset(record.object for record in frozen_records(ports))


def lies_frozen(ports: Known, source: FileIdentity) -> bool:
    """Tell whether a file was found to be the bytes of a case that is still frozen."""
    case = ports.journal.aside(source)
    return case is not None and is_frozen(ports, case)


def frozen_files(ports: Known) -> frozenset[FileIdentity]:
    """Return the files in import folders that are frozen: nobody opens them again."""
    records = frozen_records(ports)
    sidecars = {sidecar for record in records for sidecar in record.sidecars}
    return frozenset({record.source for record in records} | sidecars)
