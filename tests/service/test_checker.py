# SPDX-License-Identifier: Apache-2.0
"""The stand-alone checker computes as the standards say: trees of RFC 6962, Ed25519 of RFC 8032.

It shares no line with the agent, so each is held against the other and both against public vectors.
"""

import ast
import base64
import json
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.checkpoint import Checkpoint
from agent.core.merkle import frontier_of, leaf_hash
from agent.seal.notes import Signer, sign
from service.ledger import check_ledger
from tests.shared import shared_folder

# RFC 8032 section 7.1: secret key, public key, message, signature of TEST 1, 2, 3.
RFC_8032 = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
)


@pytest.mark.parametrize(("key", "text", "signature"), RFC_8032)
def test_signatures_of_the_standard_are_good_and_spoilt_ones_are_not(
    key: str, text: str, signature: str
) -> None:
    parts = [bytes.fromhex(one) for one in (key, text, signature)]
    assert check_ledger.signature_is_good(*parts)
    for place in (0, 2):
        for at in (0, 17, len(parts[place]) - 1):
            spoilt = list(parts)
            changed = bytearray(spoilt[place])
            changed[at] ^= 1
            spoilt[place] = bytes(changed)
            assert not check_ledger.signature_is_good(*spoilt)
    assert not check_ledger.signature_is_good(parts[0], parts[1] + b"x", parts[2])


def test_a_signature_beyond_the_order_is_refused() -> None:
    """RFC 8032 section 5.1.7: S below the order, or one signature would have many texts."""
    key, text, signature = (bytes.fromhex(one) for one in RFC_8032[2])
    s = int.from_bytes(signature[32:], "little") + check_ledger.ORDER
    assert not check_ledger.signature_is_good(key, text, signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "spoil", [lambda b: b[:-1], lambda b: b + b"\0", lambda b: b"\xff" * len(b)]
)
def test_what_has_another_length_or_is_no_point_is_refused(spoil: object) -> None:
    key, text, signature = (bytes.fromhex(one) for one in RFC_8032[0])
    assert not check_ledger.signature_is_good(spoil(key), text, signature)  # type: ignore[operator]  # one of three
    assert not check_ledger.signature_is_good(key, text, spoil(signature))  # type: ignore[operator]  # one of three


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=60), st.integers(0, 511))
@settings(max_examples=20)
def test_it_judges_signatures_as_the_agents_library_does(
    secret: bytes, text: bytes, bit: int
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(secret)
    key, signature = private.public_key().public_bytes_raw(), bytearray(private.sign(text))
    assert check_ledger.signature_is_good(key, text, bytes(signature))
    signature[bit >> 3] ^= 1 << (bit & 7)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(bytes(signature), text)
        expected = True
    except InvalidSignature:
        expected = False
    assert check_ledger.signature_is_good(key, text, bytes(signature)) is expected


# The reference roots of RFC 6962's own implementation, over the first n of these leaves.
LEAVES = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43",
          b"\x50\x51\x52\x53\x54\x55\x56\x57", bytes(range(0x60, 0x70))]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def test_its_tree_has_the_published_roots() -> None:
    tree = check_ledger.Tree()
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        tree.add(leaf)
        assert tree.root().hex() == root


@given(st.lists(st.binary(max_size=5), max_size=70))
@settings(max_examples=50)
def test_its_tree_is_the_agents(lines: list[bytes]) -> None:
    tree = check_ledger.Tree()
    for line in lines:
        tree.add(line)
    root = frontier_of(map(leaf_hash, lines)).root()
    assert (tree.size, tree.root()) == (len(lines), root)
    claim = Checkpoint(origin="photowarden/x", size=len(lines), root=root)
    text = check_ledger.state_text("photowarden/x", tree.size, tree.root())
    assert text == claim.text()
    assert check_ledger.in_groups(check_ledger.digits_of(text)) == claim.fingerprint()


@pytest.mark.shared
def test_its_nodes_climb_every_public_inclusion_proof() -> None:
    """The 98 vectors hold proofs; here the checker's own node rule climbs the good ones."""
    good = 0
    for path in sorted(shared_folder("vectors", "merkle", "inclusion").rglob("*.json")):
        case = json.loads(path.read_text("utf-8"))
        if case.get("wantErr"):
            continue
        good += 1
        assert climbed(case) == base64.b64decode(case["root"]), path
    assert good >= 5


def climbed(case: dict[str, object]) -> bytes:
    """Recompute a root from a leaf and its proof with `Tree`'s way to join two nodes."""
    node = base64.b64decode(str(case["leafHash"]))
    index, last = int(str(case["leafIdx"])), int(str(case["treeSize"])) - 1
    for text in case["proof"] or []:  # type: ignore[attr-defined]  # a list of texts
        part = base64.b64decode(text)
        if index & 1 or index == last:
            node = joined(part, node)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = joined(node, part)
        index, last = index >> 1, last >> 1
    return node


def joined(left: bytes, right: bytes) -> bytes:
    tree = check_ledger.Tree()
    tree.peaks, tree.size = [left, right], 3
    return tree.root()


def test_it_takes_the_notes_of_the_agent_apart() -> None:
    signer = Signer.generate("photowarden.station/" + "a" * 26)
    text, ((name, key_id, signature),) = check_ledger.take_apart(sign("x\n1\ny\n", signer).decode())
    assert (text, name, key_id) == ("x\n1\ny\n", signer.name, signer.verifier().key_id)
    assert check_ledger.signature_is_good(signer.verifier().public, text.encode(), signature)


def test_it_imports_the_standard_library_and_nothing_else() -> None:
    tree = ast.parse(Path(check_ledger.__file__).read_text("utf-8"))
    named = {
        (node.module if isinstance(node, ast.ImportFrom) else alias.name) or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert named <= set(sys.stdlib_module_names)
    ast.parse(Path(check_ledger.__file__).read_text("utf-8"), feature_version=(3, 9))


@pytest.mark.parametrize("words", [[], ["--help"], ["nowhere"], [".", "12345"]])
def test_what_it_cannot_look_at_is_said(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_ledger.main(words) == 2
    assert capsys.readouterr().out
