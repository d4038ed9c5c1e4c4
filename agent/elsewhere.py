# SPDX-License-Identifier: Apache-2.0
"""Follow the ledgers of the other stations: which cases they hold, and what they answer.

The source is each station's ledger as its copy lies in the storage: signed by that station, each
entry checked, the tree extended from where it was read last. What does not fit is left out, named,
and counts for nothing. Nothing here decides about a picture: verdicts are those of the station.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from agent import bootstrap
from agent import site as layout
from agent.adapters.desk import Desk
from agent.adapters.elsewhere import Elsewhere, Reader
from agent.adapters.ledger_copies import LedgerCopy
from agent.adapters.post import OutPost
from agent.bootstrap import Site
from agent.core.checkpoint import Checkpoint
from agent.core.desk import Settled
from agent.core.elsewhere import RELEASED, SETTLED, CaseElsewhere
from agent.core.errors import AgentError, ConfigurationError, IntegrityError
from agent.core.freezing import Frozen, frozen
from agent.core.ledger_lines import Line, read_line
from agent.core.merkle import leaf_hash
from agent.core.model import CaseId
from agent.core.stations import Station
from agent.posting import deliver
from agent.seal.errors import SealError
from agent.seal.notes import Verifier, verify
from agent.stations import enrolled, office_list


@contextmanager
def open_elsewhere(site: Site) -> Iterator[Elsewhere]:
    """Open what this computer knows of other stations' cases.

    Raises:
        ConfigurationError: this is not the office's computer.
    """
    path = site.folder / layout.ELSEWHERE
    if not path.parent.is_dir():
        raise ConfigurationError(
            "only the office's computer knows the pictures of other computers",
            code="office.absent",
            remedy="Run this on the computer that has the office's folder.",
        )
    with Elsewhere(path) as known:
        yield known


def keep_up(site: Site) -> Mapping[str, AgentError]:
    """Bring to other stations what waits, and read what they say; return what went wrong at which.

    Raises:
        ConfigurationError, UnavailableError: the storage is another one, or is away.
    """
    faults: dict[str, AgentError] = {}
    with bootstrap.open_desk(site) as desk, open_elsewhere(site) as known:
        deliver(site, desk)
        for station in others(site):
            try:
                _follow(site, station, known, desk)
            except AgentError as error:
                faults[station.id] = error
    return faults


def follow(site: Site, station: str) -> None:
    """Read what a station's ledger says since it was read last.

    Raises:
        ConfigurationError: no such station was ever enrolled.
        IntegrityError: its ledger is not signed by it, or no longer begins as it did.
        UnavailableError: the storage is away.
    """
    with bootstrap.open_desk(site) as desk, open_elsewhere(site) as known:
        _follow(site, enrolled(site, station), known, desk)


def others(site: Site) -> list[Station]:
    """Return the stations that this computer's office ever enrolled, retired ones too."""
    return [one for one in office_list(site).enrolled() if one.id != site.station.station]


def frozen_elsewhere(site: Site) -> Mapping[CaseId, Frozen]:
    """Return what other stations have frozen, and what was frozen here of their cases."""
    with open_elsewhere(site) as known, bootstrap.open_desk(site) as desk:
        there = {item.id: item for item in known.freezes()}
        return frozen([*there.values(), *(i for i in desk.freezes() if i.id not in there)])


def all_frozen(site: Site) -> Mapping[CaseId, Frozen]:
    """Return what is frozen, of this computer's pictures and of the others', for the office."""
    with bootstrap.open_journal(site) as journal, bootstrap.open_desk(site) as desk:
        if not (site.folder / layout.ELSEWHERE).exists():
            return bootstrap.frozen_by(journal, desk)
        with open_elsewhere(site) as known:
            there = {item.id: item for item in known.freezes()}
        handed_in = [item for item in desk.freezes() if item.id not in there]
        return frozen([*journal.freezes(), *there.values(), *handed_in])


def beginning(site: Site, letters: str) -> Sequence[CaseElsewhere]:
    """Return at most two cases of other stations whose id begins so."""
    if not (site.folder / layout.ELSEWHERE).exists():
        return ()
    with open_elsewhere(site) as known:
        return known.beginning(letters)


def find_elsewhere(site: Site, case: CaseId, station: str = "") -> CaseElsewhere | None:
    """Return a case of another station; None where none of them has stored it."""
    with open_elsewhere(site) as known:
        return known.find(case, station)


def holders(site: Site, case: CaseId) -> Sequence[str]:
    """Return the other stations whose ledger tells of a case; none where this is no office."""
    if not (site.folder / layout.ELSEWHERE).exists():
        return ()
    with open_elsewhere(site) as known:
        return known.holders(case)


def _follow(site: Site, station: Station, known: Elsewhere, desk: Desk) -> None:
    copy = LedgerCopy(name=station.id, folder=site.vault_folder / "ledgers" / station.id)
    claim = _claim(copy, station)
    edge = known.edge(station.id)
    if claim is None and edge.size == 0:
        return
    if claim is None or claim.size < edge.size:
        raise _differs(station, "it is shorter than it was")
    if claim.size == edge.size and claim.root == edge.root():
        return
    with known.reading(station.id) as reader:
        _read(copy, claim, station, reader, _Answers(site, station, desk))


def _claim(copy: LedgerCopy, station: Station) -> Checkpoint | None:
    """Return what a station's signed checkpoint says; None where there is none."""
    note = copy.note()
    if not note:
        return None
    try:
        claim = Checkpoint.parse(verify(note, [Verifier.parse(station.verifier)]))
    except (SealError, ValueError) as error:
        raise _differs(station, "its checkpoint is not signed by it") from error
    if claim.origin != f"photowarden/{station.id}":
        raise _differs(station, "its checkpoint is of another ledger")
    return claim


def _read(
    copy: LedgerCopy, claim: Checkpoint, station: Station, reader: Reader, answers: "_Answers"
) -> None:
    """Take in the entries up to a checkpoint; nothing counts unless all lead to its root.

    A retired station's ledger ends no freeze: whoever has that computer could write into it.
    """
    frontier = reader.edge
    for line in copy.lines_from(frontier.size, claim.size):
        try:
            entry = read_line(line)
        except ValueError as error:
            raise _differs(station, "an entry cannot be read") from error
        frontier = frontier.appended(leaf_hash(line))
        if not (station.retired and entry.kind == RELEASED):
            reader.take(entry)
            answers.hear(entry)
    if (frontier.size, frontier.root()) != (claim.size, claim.root):
        raise _differs(station, "its entries are not those of its checkpoint")
    answers.tell()
    reader.ends(frontier)


class _Answers:
    """What a station answers to acts that were posted to it; told to the desk when it is proven."""

    def __init__(self, site: Site, station: Station, desk: Desk) -> None:
        self._out = OutPost(site.vault_folder)
        self._station = station
        self._desk = desk
        self._heard: list[tuple[str, str | None]] = []

    def hear(self, entry: Line) -> None:
        """Keep an answer or a release; in their order."""
        if entry.kind == SETTLED:
            self._heard.append((str(entry.body["item"]), str(entry.body["settled"])))
        elif entry.kind == RELEASED:
            self._heard.append((str(entry.body["case"]), None))

    def tell(self) -> None:
        """Note every answer on the desk, and take its act out of the post."""
        for name, settled in self._heard:
            if settled is not None:
                self._desk.answer(self._station.id, name, Settled(settled))
                self._out.remove(self._station.id, name)
            else:
                self._desk.lift(self._station.id, CaseId(name))


def _differs(station: Station, why: str) -> IntegrityError:
    return IntegrityError(
        f"the ledger of station {station.id} in the storage cannot be believed: {why}",
        code="ledger.differs",
        remedy="Run photowarden verify on that computer and find out who changed the storage.",
    )
