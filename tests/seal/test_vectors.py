# SPDX-License-Identifier: Apache-2.0
"""Every public age vector: one success or one class of failure each (C2SP/CCTV)."""

import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agent.seal.armor import dearmor
from agent.seal.errors import (
    ArmorInvalid,
    HeaderInvalid,
    HmacInvalid,
    NoMatch,
    PayloadInvalid,
    SealError,
)
from agent.seal.header import read_header
from agent.seal.hybrid import HybridIdentity
from agent.seal.keys import Identity
from agent.seal.passphrase import Passphrase
from agent.seal.sealing import open_stream
from agent.seal.x25519 import X25519Identity
from tests.shared import SHARED, shared_folder

FAILURES = {
    "armor failure": ArmorInvalid,
    "header failure": HeaderInvalid,
    "HMAC failure": HmacInvalid,
    "no match": NoMatch,
    "payload failure": PayloadInvalid,
}
KIT = SHARED / "vectors" / "age" / "testkit"
NAMES = sorted(path.name for path in KIT.iterdir()) if KIT.exists() else ["absent"]


@dataclass
class Vector:
    expect: str = ""
    payload: str | None = None
    armored: bool = False
    identities: list[Identity] = field(default_factory=list)
    data: bytes = b""


def read_vector(path: Path) -> Vector:
    head, _, data = path.read_bytes().partition(b"\n\n")
    vector = Vector(data=data)
    for line in head.decode().splitlines():
        key, _, value = line.partition(": ")
        if key == "expect":
            vector.expect = value
        elif key == "payload":
            vector.payload = value
        elif key == "armored":
            vector.armored = value == "yes"
        elif key == "passphrase":
            vector.identities.append(Passphrase(value.encode()))
        elif key == "identity":
            kind = HybridIdentity if "-PQ-" in value.upper() else X25519Identity
            vector.identities.append(kind.parse(value))
        elif key == "compressed":
            vector.data = zlib.decompress(data)
        else:
            assert key in {"file key", "comment"}
    return vector


@pytest.mark.shared
def test_there_are_143_vectors() -> None:
    assert len(list(shared_folder("vectors", "age", "testkit").iterdir())) == 143


@pytest.mark.shared
@pytest.mark.parametrize("name", NAMES)
def test_a_vector_ends_as_it_says(name: str) -> None:
    vector = read_vector(shared_folder("vectors", "age", "testkit") / name)
    released, failure = bytearray(), None
    try:
        for chunk in _stream(vector):
            released += chunk
    except SealError as error:
        failure = type(error)
    assert failure is FAILURES.get(vector.expect)
    if vector.payload is not None:
        assert hashlib.sha256(released).hexdigest() == vector.payload


def _stream(vector: Vector) -> Iterator[bytes]:
    data = dearmor(vector.data) if vector.armored else vector.data
    return open_stream(data, vector.identities)


@pytest.mark.shared
@pytest.mark.parametrize("name", NAMES)
def test_what_the_parser_accepts_it_writes_again_to_the_byte(name: str) -> None:
    vector = read_vector(shared_folder("vectors", "age", "testkit") / name)
    try:
        data = dearmor(vector.data) if vector.armored else vector.data
        source = io.BytesIO(data)
        header = read_header(source)
    except SealError:
        assert vector.expect in {"armor failure", "header failure"}
        return
    assert header.encoded() == data[: source.tell()]
