# SPDX-License-Identifier: Apache-2.0
"""Identity files protected by a passphrase: an armoured age file that holds one secret key line.

`age -d office-identity.age` and `age -i office-identity.age` understand them, so a school is never
dependent on this program to open its own pictures.
"""

from collections.abc import Sequence

from agent.seal.errors import KeyInvalid
from agent.seal.hybrid import HybridIdentity
from agent.seal.passphrase import WORK_FACTOR, Passphrase
from agent.seal.sealing import open_bytes, seal_bytes
from agent.seal.x25519 import X25519Identity

Opener = HybridIdentity | X25519Identity


def write(identity: Opener, passphrase: bytes, work_factor: int = WORK_FACTOR) -> bytes:
    """Return an identity file that the passphrase opens."""
    text = f"# public key: {identity.recipient()}\n{identity.text()}\n"
    lock = Passphrase(passphrase, work_factor)
    return seal_bytes([lock], text.encode("ascii"), armored=True)


def read(data: bytes, passphrase: bytes) -> Opener:
    """Open an identity file.

    Raises:
        SealError: the passphrase is another one, or the file is damaged.
        KeyInvalid: it holds something else than one secret key.
    """
    return parse(open_bytes(data, [Passphrase(passphrase)]).decode("ascii", "replace"))


def parse(text: str) -> Opener:
    """Read the text of an identity file: comments and one secret key.

    Raises:
        KeyInvalid: it holds something else than one secret key.
    """
    lines = [line.strip() for line in text.splitlines()]
    keys: Sequence[str] = [line for line in lines if line and not line.startswith("#")]
    if len(keys) != 1:
        raise KeyInvalid("an identity file holds exactly one secret key")
    if keys[0].upper().startswith("AGE-SECRET-KEY-PQ-"):
        return HybridIdentity.parse(keys[0])
    return X25519Identity.parse(keys[0])
