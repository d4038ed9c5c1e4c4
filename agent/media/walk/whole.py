# SPDX-License-Identifier: Apache-2.0
"""Read a still picture whole, within the limit that protects the agent's memory."""

from typing import BinaryIO

from agent.media.errors import TooBig
from agent.media.limits import MAX_STILL_BYTES


def read_whole(source: BinaryIO) -> bytes:
    """Return every byte of a still picture.

    Raises:
        TooBig: it has more bytes than a still picture may have.
    """
    source.seek(0)
    data = source.read(MAX_STILL_BYTES + 1)
    if len(data) > MAX_STILL_BYTES:
        raise TooBig("a still picture of more bytes than the limit")
    return data
