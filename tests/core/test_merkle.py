# SPDX-License-Identifier: Apache-2.0
"""The tree against public vectors, and against the recursive definition of RFC 6962."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    frontier_of,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.shared import shared_folder

LEAVES = st.lists(st.binary(max_size=4).map(leaf_hash), max_size=40)


def by_definition(leaves: list[bytes]) -> bytes:
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(by_definition(leaves[:split]), by_definition(leaves[split:]))


def vectors(kind: str) -> list[Path]:
    return sorted(shared_folder("vectors", "merkle", kind).rglob("*.json"))


def unpacked(value: str | None) -> bytes:
    return base64.b64decode(value or "")


@pytest.mark.shared
def test_every_inclusion_vector_ends_as_it_says() -> None:
    for path in vectors("inclusion"):
        case = json.loads(path.read_text())
        good = verify_inclusion(
            unpacked(case["leafHash"]),
            case["leafIdx"],
            case["treeSize"],
            [unpacked(part) for part in case["proof"] or []],
            unpacked(case["root"]),
        )
        assert good is not case["wantErr"], path.name


@pytest.mark.shared
def test_every_consistency_vector_ends_as_it_says() -> None:
    for path in vectors("consistency"):
        case = json.loads(path.read_text())
        good = verify_consistency(
            case["size1"],
            case["size2"],
            [unpacked(part) for part in case["proof"] or []],
            unpacked(case["root1"]),
            unpacked(case["root2"]),
        )
        assert good is not case["wantErr"], path.name


@pytest.mark.shared
def test_there_are_196_vectors() -> None:
    assert len(vectors("inclusion")) + len(vectors("consistency")) == 196


@given(LEAVES)
def test_the_frontier_gives_the_root_of_the_definition(leaves: list[bytes]) -> None:
    assert frontier_of(leaves).root() == root_of(leaves) == by_definition(leaves)


@given(LEAVES.filter(bool), st.data())
def test_every_leaf_is_proven_and_no_other(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(leaves, index)
    root = root_of(leaves)
    assert verify_inclusion(leaves[index], index, len(leaves), proof, root)
    assert not verify_inclusion(leaf_hash(b"another"), index, len(leaves), proof, root)


@given(LEAVES.filter(bool), st.data())
def test_every_beginning_is_proven_and_no_other(leaves: list[bytes], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(leaves)))
    proof = consistency_proof(leaves, size)
    old, new = root_of(leaves[:size]), root_of(leaves)
    assert verify_consistency(size, len(leaves), proof, old, new)
    assert not verify_consistency(size, len(leaves), proof, leaf_hash(b"another"), new)


def test_an_empty_beginning_proves_nothing() -> None:
    leaves = [leaf_hash(b"a")]
    assert not verify_consistency(0, 1, [], EMPTY_ROOT, root_of(leaves))
