# SPDX-License-Identifier: Apache-2.0
"""How fast sealing is, against the bare cipher; a helper for people, not a test.

Run `python -m tests.bench.seal_speed`; prints MB/s, best of five.
"""

import io
import os
import sys
import time
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from agent.seal.hybrid import HybridIdentity
from agent.seal.sealing import open_sealed, seal
from agent.seal.stream import CHUNK_BYTES, TAG_BYTES

SIZE: Final = 128 << 20
PIECE: Final = 1 << 20
ROUNDS: Final = 5


def megabytes_a_second(work: Callable[[], None]) -> float:
    """Return the best rate of several rounds over SIZE bytes."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return SIZE / best / 1e6


def main() -> None:
    """Print the rates of the bare cipher, of sealing and of opening."""
    identity = HybridIdentity.generate()
    piece = os.urandom(PIECE)
    recipients = [identity.recipient(), HybridIdentity.generate().recipient()]
    sealed = seal(recipients, (piece for _ in range(SIZE // PIECE)))
    slip, body = sealed.slip, b"".join(sealed.body)
    room, cipher = bytearray(CHUNK_BYTES + TAG_BYTES), ChaCha20Poly1305(bytes(32))

    def bare() -> None:
        for _ in range(SIZE // CHUNK_BYTES):
            cipher.encrypt_into(bytes(12), memoryview(piece)[:CHUNK_BYTES], None, room)

    def sealing() -> None:
        for _ in seal(recipients, (piece for _ in range(SIZE // PIECE))).body:
            pass

    def opening() -> None:
        for _ in open_sealed(slip, io.BytesIO(body), [identity]):
            pass

    for name, work in {"bare cipher": bare, "seal": sealing, "open": opening}.items():
        sys.stdout.write(f"{name:12} {megabytes_a_second(work):7.0f} MB/s\n")


if __name__ == "__main__":
    main()
