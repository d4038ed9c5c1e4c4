# SPDX-License-Identifier: Apache-2.0
"""Identity files: what a school keeps on its stick opens with the passphrase and nothing else."""

import pytest

from agent.seal import identity_file
from agent.seal.errors import KeyInvalid, NoMatch
from agent.seal.hybrid import HybridIdentity
from agent.seal.identity_file import Opener
from agent.seal.passphrase import Passphrase
from agent.seal.sealing import open_bytes
from agent.seal.x25519 import X25519Identity

PHRASE = b"acorn beetle cinder dapple"
IDENTITIES: list[Opener] = [HybridIdentity(bytes(range(32))), X25519Identity(bytes(range(32)))]
KEY = IDENTITIES[0].text()


@pytest.mark.parametrize("identity", IDENTITIES, ids=repr)
def test_an_identity_comes_back(identity: Opener) -> None:
    data = identity_file.write(identity, PHRASE, 2)
    assert identity_file.read(data, PHRASE).text() == identity.text()


def test_another_passphrase_does_not_open_it() -> None:
    with pytest.raises(NoMatch):
        identity_file.read(identity_file.write(IDENTITIES[0], PHRASE, 2), PHRASE + b" ")


def test_the_file_is_armoured_and_holds_a_comment_and_the_key() -> None:
    data = identity_file.write(IDENTITIES[0], PHRASE, 2)
    assert data.startswith(b"-----BEGIN AGE ENCRYPTED FILE-----\n")
    comment, key = open_bytes(data, [Passphrase(PHRASE)]).decode().splitlines()
    assert comment == f"# public key: {IDENTITIES[0].recipient()}"
    assert key == KEY


def test_an_identity_without_a_passphrase_is_not_written() -> None:
    with pytest.raises(KeyInvalid):
        identity_file.write(IDENTITIES[0], b"")


@pytest.mark.parametrize("text", ["", "# only a comment\n", f"{KEY}\n{KEY}\n", "hello\n", KEY[:-1]])
def test_anything_but_one_key_is_refused(text: str) -> None:
    with pytest.raises(KeyInvalid):
        identity_file.parse(text)


@pytest.mark.parametrize("text", [KEY, f"\n# a\n\n{KEY}\r\n", f"  {KEY}  \n", KEY.lower()])
def test_comments_and_space_around_the_key_do_not_matter(text: str) -> None:
    assert identity_file.parse(text).text() == KEY
