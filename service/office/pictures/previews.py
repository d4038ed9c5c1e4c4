# SPDX-License-Identifier: Apache-2.0
"""From a sealed picture to a small JPEG: opened into memory, decoded in the child, checked again.

Nothing is written anywhere. What the child returns is read by the second reader of JPEG, which lets
no metadata pass. A freeze or a lock that comes meanwhile counts: both are asked once more before
anything is returned, and for what lies on the shelf as well.
"""

import io
import queue
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Final

from agent.core.case import Record
from agent.media.child import Child
from agent.media.errors import Doubt, MediaError
from agent.media.limits import MAX_STILL_BYTES
from agent.media.model import Family, Kind
from agent.media.verify import verify
from agent.opening import check_may_be_opened, opened
from service.office.house import house
from service.office.keyring.holding import SHELF, Locked, OpenKey

_AT_ONCE: Final = 2


class NotShown(Enum):
    """Why there is nothing to see, in a sentence for whoever looks."""

    RECORDING = "A recording. It is sealed and safe; it cannot be shown here."
    UNREADABLE = "This file cannot be shown here. It is sealed and safe."
    NO_FACE = "There is no such face in this picture."
    LOCKED = "The pictures are locked."
    FROZEN = "This picture is frozen. Nobody may look at it."
    AWAY = "The storage is away. Try again when it is connected."
    TOO_MANY = "Too many pictures in a minute. Wait a moment."


class Form(Enum):
    """Which picture of a case: its word, and its longest side in pixels."""

    PREVIEW = ("preview", 1600)
    THUMBNAIL = ("thumbnail", 320)
    FACE = ("face", 320)

    def __init__(self, word: str, side: int) -> None:
        self.word = word
        self.side = side


class Children:
    """A few warm children, each with one job at a time; a picture waits until one is free.

    So no more than this many opened pictures are in memory at once.
    """

    def __init__(self, number: int = _AT_ONCE) -> None:
        self._all: Final = [Child() for _ in range(number)]
        self._free: queue.LifoQueue[Child] = queue.LifoQueue()
        for child in self._all:
            self._free.put(child)

    @contextmanager
    def one(self) -> Iterator[Child]:
        """Lend a child."""
        child = self._free.get()
        try:
            yield child
        finally:
            self._free.put(child)

    def close(self) -> None:
        """End them; they start again when they are needed."""
        for child in self._all:
            child.close()


CHILDREN: Final = Children()


def small(
    key: OpenKey, record: Record, form: Form, place: Sequence[float] | None = None, number: int = 0
) -> bytes | NotShown:
    """Return a JPEG of a case's picture without any metadata, or why there is none.

    Raises:
        ConfigurationError: the case is frozen or erased.
        UnavailableError: the vault is away, or the key was dropped meanwhile (`Locked`).
        IntegrityError: the object is not there, or is not the one that was sealed.
    """
    kind = _KINDS.get(record.kind, Kind.UNKNOWN)
    if kind.family is not Family.STILL:
        return NotShown.RECORDING if kind.family is Family.MOVING else NotShown.UNREADABLE
    name = (form.word, str(record.object), str(number))
    content: bytes | NotShown | None = SHELF.get(key.number, name)
    if content is None:
        content = _made(key, record, kind, form, place)
        if isinstance(content, bytes):
            SHELF.put(key.number, name, content)
    check_may_be_opened(house().site(), record)
    if not key.is_open:
        SHELF.forget(key.number)
        raise Locked
    return content


def _made(
    key: OpenKey, record: Record, kind: Kind, form: Form, place: Sequence[float] | None
) -> bytes | NotShown:
    if record.proof.body_size > MAX_STILL_BYTES:
        return NotShown.UNREADABLE
    with CHILDREN.one() as child:
        with opened(house().site(), record, key.identities) as (_, _, chunks):
            content = b"".join(chunks)
        try:
            made = child.preview(kind, content, form.side, place)
            verify(Kind.JPEG, io.BytesIO(made))
        except (MediaError, Doubt):
            return NotShown.UNREADABLE
    return made


_KINDS: Final = {kind.label: kind for kind in Kind} | {kind.name: kind for kind in Kind}
