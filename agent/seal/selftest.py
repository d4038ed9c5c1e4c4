# SPDX-License-Identifier: Apache-2.0
"""Known answers at start-up: the cryptography under us is the one that we think it is.

A distribution build without ML-KEM, a broken accelerator or a patched library shows here, before
the first picture, and the agent does not start.
"""

import hashlib
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InternalError, UnsupportedAlgorithm

from agent.seal import known_answers as known
from agent.seal.errors import SealError
from agent.seal.hybrid import HybridIdentity
from agent.seal.notes import Signer
from agent.seal.passphrase import Passphrase
from agent.seal.sealing import open_bytes, seal_bytes
from agent.seal.stream import CHUNK_BYTES
from agent.seal.x25519 import X25519Identity

_TWO_CHUNKS: Final = known.PLAINTEXT + bytes(CHUNK_BYTES)


def run() -> None:
    """Check every primitive against a fixed answer, in some milliseconds.

    Raises:
        SealError: one of them answers differently or is not there; nothing must be sealed.
    """
    for name, check in _CHECKS.items():
        try:
            passed = check()
        except (SealError, InternalError, UnsupportedAlgorithm, ValueError) as error:
            raise SealError(f"the self-test of {name} failed") from error
        if not passed:
            raise SealError(f"the self-test of {name} gave another answer")


def _post_quantum() -> bool:
    identity = HybridIdentity(known.SEED)
    digest = hashlib.sha256(str(identity.recipient()).encode()).hexdigest()
    opened = open_bytes(known.HYBRID_FILE, [identity])
    return digest == known.RECIPIENT_SHA256 and opened == known.PLAINTEXT


def _classic() -> bool:
    return open_bytes(known.CLASSIC_FILE, [X25519Identity(known.SEED)]) == known.PLAINTEXT


def _round_trip() -> bool:
    identity = HybridIdentity(known.SEED)
    sealed = seal_bytes([identity.recipient()], _TWO_CHUNKS)
    return known.PLAINTEXT not in sealed and open_bytes(sealed, [identity]) == _TWO_CHUNKS


def _passphrase() -> bool:
    return open_bytes(known.PASSPHRASE_FILE, [Passphrase(known.PASSPHRASE)]) == known.PLAINTEXT


def _signature() -> bool:
    signer = Signer("known.example/answer", known.SEED)
    signature = signer.signature(known.SIGNED_TEXT)
    good = signature.hex() == known.SIGNATURE
    return good and not signer.verifier().accepts(known.SIGNED_TEXT + "x", signature)


_CHECKS: Final[dict[str, Callable[[], bool]]] = {
    "post-quantum sealing (ML-KEM-768 with X25519)": _post_quantum,
    "classic sealing (X25519)": _classic,
    "sealing and opening": _round_trip,
    "passphrases (scrypt)": _passphrase,
    "signatures (Ed25519)": _signature,
}
