# SPDX-License-Identifier: Apache-2.0
"""Send a picture that is drawn on the spot the whole way, to see that everything works together.

It is put into an import folder as a camera's would be, and takes the one path that every file
takes: through the agent that is running, or, where none runs, here under the same lock. No camera
took it and it says so, hence it is held; what counts is that it is sealed, stored, read back and
recorded.
"""

import io
import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from PIL import Image, ImageDraw

from agent import durable, pipeline, rounds
from agent.bootstrap import Site, clues_of, open_journal, open_ports
from agent.core.case import FileIdentity, Record
from agent.core.errors import UnavailableError
from agent.core.model import Clue
from agent.ports import Clock, Discarded, Inbox, Scan, Sighting
from agent.site import new_id

NAME: Final = "photowarden-test-{}.jpg"
_SIZE: Final = (1024, 768)
_PATCHES: Final = 40
_PATIENCE_SECONDS: Final = 15.0
_LOOK_AGAIN_SECONDS: Final = 0.5


def draw() -> bytes:
    """Return a JPEG of coloured patches; no two are the same picture."""
    picture = Image.linear_gradient("L").resize(_SIZE).convert("RGB")
    pen = ImageDraw.Draw(picture)
    for _ in range(_PATCHES):
        left, top = secrets.randbelow(_SIZE[0]), secrets.randbelow(_SIZE[1])
        box = (left, top, left + 20 + secrets.randbelow(140), top + 20 + secrets.randbelow(100))
        pen.rectangle(box, fill=secrets.randbelow(1 << 24))
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=90)
    return made.getvalue()


def send(site: Site, number: int = 0) -> Clue:
    """Put a new test picture into an import folder, and return the clue of its place.

    Raises:
        UnavailableError: the folder cannot be written.
    """
    name = NAME.format(new_id()[:8])
    try:
        durable.write_new(site.import_folders[number].path / name, [draw()])
    except OSError as error:
        raise UnavailableError(
            "no picture can be put into the import folder",
            code="inbox.unwritable",
            remedy="See that the folder is there and that this account may write into it.",
        ) from error
    return clues_of(site).place(number.to_bytes(2, "big") + name.encode())


def work(site: Site, place: Clue) -> None:
    """Take the test picture through the pipeline here; nothing else that lies there is touched.

    Raises:
        UnavailableError: an agent is at work on this site (`site.locked`), which will take it; or
            the storage is away, and everything is safely sealed.
        ConfigurationError, IntegrityError: the agent could not start here either.
    """
    with open_ports(site) as (ports, _):
        alone = replace(ports, inbox=_Only(ports.inbox, place))
        for _ in rounds.drain(alone, site.station.settle_seconds):
            pass
        pipeline.publish_ledger(ports)


def result(site: Site, place: Clue) -> Record | None:
    """Return the test picture's record; None where it has not been taken in yet.

    Raises:
        ConfigurationError, UnavailableError, IntegrityError: the journal cannot be read.
    """
    with open_journal(site) as journal:
        return next((record for record in journal.all() if record.source.place == place), None)


def wait(site: Site, place: Clue, clock: Clock) -> Record | None:
    """Wait a little for the running agent to store the test picture; return how far it has come.

    Raises:
        ConfigurationError, UnavailableError, IntegrityError: the journal cannot be read.
    """
    patience = clock.monotonic() + site.station.settle_seconds + _PATIENCE_SECONDS
    while True:
        record = result(site, place)
        stored = record is not None and record.state.is_at_rest
        if stored or clock.monotonic() >= patience:
            return record
        clock.wait(_LOOK_AGAIN_SECONDS)


@dataclass(frozen=True, slots=True)
class _Only:
    """The import folders as if nothing but the file at one place lay there."""

    inbox: Inbox
    place: Clue

    def scan(self) -> Scan:
        found = self.inbox.scan()
        mine = tuple(one for one in found.settled if one.identity.place == self.place)
        return Scan(settled=mine, settling=0 if mine else found.settling)

    def open(self, sighting: Sighting) -> AbstractContextManager[BinaryIO | None]:
        return self.inbox.open(sighting)

    def notes(self, sighting: Sighting) -> tuple[bytes, ...] | None:
        return self.inbox.notes(sighting)

    def deletes(self, sighting: Sighting) -> bool:
        return self.inbox.deletes(sighting)

    def discard(self, identity: FileIdentity) -> Discarded:
        return self.inbox.discard(identity)
