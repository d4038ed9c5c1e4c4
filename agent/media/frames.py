# SPDX-License-Identifier: Apache-2.0
"""The language between the agent and its child: frames of JSON and bytes, each with its length.

    4 bytes  length of the JSON part, big-endian
    8 bytes  length of the data part, big-endian
    JSON, then data

Boundary: used on both sides of the pipe; nothing here interprets what it carries.
"""

import json
import struct
from typing import Any, BinaryIO, Final

MAX_JSON: Final = 4 << 20
MAX_DATA: Final = 512 << 20
_LENGTHS: Final = struct.Struct(">IQ")


def write_frame(pipe: BinaryIO, message: dict[str, Any], data: bytes = b"") -> None:
    """Write one frame."""
    text = json.dumps(message).encode("ascii")
    pipe.write(_LENGTHS.pack(len(text), len(data)) + text)
    pipe.write(data)
    pipe.flush()


def read_frame(pipe: BinaryIO, max_data: int = MAX_DATA) -> tuple[dict[str, Any], bytes]:
    """Read one frame with at most so many bytes of data.

    Raises:
        EOFError: the other side has gone, in the middle or before.
        ValueError, TypeError: the frame is no frame of ours, or larger than the limits.
    """
    text_length, data_length = _LENGTHS.unpack(_exactly(pipe, _LENGTHS.size))
    if text_length > MAX_JSON or data_length > max_data:
        raise ValueError("a frame beyond the limits")
    message = _message(_exactly(pipe, text_length))
    if not isinstance(message, dict):
        raise TypeError("a frame without a message")
    return message, _exactly(pipe, data_length)


def _message(text: bytes) -> Any:  # noqa: ANN401 - whatever the other side wrote
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("a frame nested without end") from error


def _exactly(pipe: BinaryIO, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = pipe.read(length - len(parts))
        if not part:
            raise EOFError("the pipe has ended")
        parts += part
    return bytes(parts)
