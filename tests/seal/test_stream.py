# SPDX-License-Identifier: Apache-2.0
"""The payload: nothing changed, cut, moved, repeated or added is ever released."""

import hashlib
import io
import itertools
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from agent.seal.errors import HeaderInvalid, PayloadInvalid
from agent.seal.header import hkdf
from agent.seal.stream import (
    CHUNK_BYTES,
    NONCE_BYTES,
    SEALED_CHUNK_BYTES,
    TAG_BYTES,
    decrypt,
    encrypt,
    is_possible_size,
    sealed_size,
)

KEY = bytes(range(16))
PLAIN = b"".join(bytes([n]) * CHUNK_BYTES for n in (1, 2, 3)) + b"the rest"
SIZES = (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 1)


def sealed(plain: bytes = PLAIN) -> bytes:
    return b"".join(encrypt(KEY, [plain]))


def opened(payload: bytes) -> bytes:
    return b"".join(decrypt(KEY, io.BytesIO(payload)))


def chunks_of(payload: bytes) -> list[bytes]:
    starts = range(NONCE_BYTES, len(payload), SEALED_CHUNK_BYTES)
    return [payload[start : start + SEALED_CHUNK_BYTES] for start in starts]


def released_before_refusal(payload: bytes) -> bytes:
    released: list[bytes] = []
    chunks = decrypt(KEY, io.BytesIO(payload))
    with pytest.raises(PayloadInvalid):
        released.extend(chunks)  # a list keeps what came before the refusal
    return b"".join(released)


@pytest.mark.parametrize("size", SIZES)
def test_every_boundary_returns_what_went_in(size: int) -> None:
    plain = bytes(size)
    assert opened(sealed(plain)) == plain


@pytest.mark.parametrize("size", SIZES)
def test_the_size_is_known_beforehand(size: int) -> None:
    assert len(sealed(bytes(size))) == sealed_size(size)


@given(st.integers(0, 1 << 40))
def test_every_size_that_is_written_is_possible(size: int) -> None:
    assert is_possible_size(sealed_size(size))


def test_only_sizes_that_can_be_written_are_possible() -> None:
    written = {sealed_size(size) for size in range(2 * CHUNK_BYTES + 40)}
    largest = max(written)
    for size in (*range(80), *range(SEALED_CHUNK_BYTES - 9, SEALED_CHUNK_BYTES + 80)):
        assert is_possible_size(size) is (size in written), size
    assert is_possible_size(largest)


@given(st.lists(st.binary(max_size=40_000), max_size=8))
def test_how_the_plaintext_was_cut_into_pieces_does_not_matter(pieces: list[bytes]) -> None:
    payload = b"".join(encrypt(KEY, pieces))
    assert len(payload) == sealed_size(len(b"".join(pieces)))
    assert opened(payload) == b"".join(pieces)


def test_the_format_is_the_specified_one() -> None:
    """Written a second time from the specification, chunk by chunk."""
    payload = sealed()
    nonce = payload[:NONCE_BYTES]
    cipher = ChaCha20Poly1305(hkdf(KEY, nonce, b"payload"))
    expected = nonce
    for number in range(4):
        counter = number.to_bytes(11, "big") + (b"\1" if number == 3 else b"\0")
        part = PLAIN[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]
        expected += cipher.encrypt(counter, part, None)
    assert payload == expected


def test_the_payload_key_is_pinned() -> None:
    digest = hashlib.sha256(hkdf(KEY, bytes(16), b"payload")).hexdigest()
    assert digest == "1ccac46109cce170d7f0f001e49f594d20c4274e92475a2df19a6b51b6a28d88"


def test_the_counter_goes_beyond_one_byte() -> None:
    payload = sealed(bytes(258 * CHUNK_BYTES))
    cipher = ChaCha20Poly1305(hkdf(KEY, payload[:NONCE_BYTES], b"payload"))
    counter = (256).to_bytes(11, "big") + b"\0"
    assert cipher.decrypt(counter, chunks_of(payload)[256], None) == bytes(CHUNK_BYTES)


def test_two_sealings_share_nothing() -> None:
    assert sealed()[:NONCE_BYTES] != sealed()[:NONCE_BYTES]


@given(st.integers(0, sealed_size(len(PLAIN)) - 1), st.integers(0, 7))
def test_a_flipped_bit_is_refused_and_only_what_came_before_is_out(place: int, bit: int) -> None:
    payload = bytearray(sealed())
    payload[place] ^= 1 << bit
    sound = 0 if place < NONCE_BYTES else (place - NONCE_BYTES) // SEALED_CHUNK_BYTES
    assert released_before_refusal(bytes(payload)) == PLAIN[: sound * CHUNK_BYTES]


@given(st.integers(NONCE_BYTES, sealed_size(len(PLAIN)) - 1))
def test_a_payload_cut_anywhere_is_refused(length: int) -> None:
    assert PLAIN.startswith(released_before_refusal(sealed()[:length]))


@pytest.mark.parametrize("length", range(NONCE_BYTES))
def test_a_payload_without_its_nonce_is_refused(length: int) -> None:
    with pytest.raises(HeaderInvalid):
        opened(bytes(length))


@given(st.binary(min_size=1, max_size=40))
def test_anything_after_the_end_is_refused(more: bytes) -> None:
    assert PLAIN.startswith(released_before_refusal(sealed() + more))


def test_a_whole_payload_after_the_end_is_refused() -> None:
    payload = sealed(PLAIN[:CHUNK_BYTES])
    assert released_before_refusal(payload + payload[NONCE_BYTES:]) == PLAIN[:CHUNK_BYTES]


@pytest.mark.parametrize(
    "order", [p for p in itertools.permutations(range(4)) if p != (0, 1, 2, 3)]
)
def test_chunks_in_another_order_are_refused(order: tuple[int, ...]) -> None:
    payload = sealed()
    chunks = chunks_of(payload)
    mixed = payload[:NONCE_BYTES] + b"".join(chunks[number] for number in order)
    assert PLAIN.startswith(released_before_refusal(mixed))


@pytest.mark.parametrize("number", range(4))
def test_a_missing_chunk_is_refused(number: int) -> None:
    payload = sealed()
    chunks = chunks_of(payload)
    del chunks[number]
    released_before_refusal(payload[:NONCE_BYTES] + b"".join(chunks))


@pytest.mark.parametrize("number", range(4))
def test_a_repeated_chunk_is_refused(number: int) -> None:
    payload = sealed()
    chunks = chunks_of(payload)
    chunks.insert(number, chunks[number])
    released_before_refusal(payload[:NONCE_BYTES] + b"".join(chunks))


def test_a_chunk_of_another_file_is_refused() -> None:
    payload, other = sealed(), sealed()
    start = NONCE_BYTES + SEALED_CHUNK_BYTES
    mixed = payload[:start] + other[start : start + SEALED_CHUNK_BYTES]
    mixed += payload[start + SEALED_CHUNK_BYTES :]
    assert released_before_refusal(mixed) == PLAIN[:CHUNK_BYTES]


def crafted(*chunks: tuple[bytes, int]) -> bytes:
    """Return a payload whose chunks carry the given flags, as no honest writer would make it."""
    cipher = ChaCha20Poly1305(hkdf(KEY, bytes(NONCE_BYTES), b"payload"))
    return bytes(NONCE_BYTES) + b"".join(
        cipher.encrypt(number.to_bytes(11, "big") + bytes([flag]), plain, None)
        for number, (plain, flag) in enumerate(chunks)
    )


def test_an_empty_last_chunk_after_a_full_one_is_refused() -> None:
    full = bytes(CHUNK_BYTES)
    assert released_before_refusal(crafted((full, 0), (b"", 1))) == full


def test_an_empty_file_is_one_empty_chunk() -> None:
    assert opened(crafted((b"", 1))) == b""


def test_a_last_chunk_that_is_not_marked_so_is_refused() -> None:
    assert released_before_refusal(crafted((b"short", 0))) == b""


def test_a_short_chunk_in_the_middle_is_refused() -> None:
    assert released_before_refusal(crafted((b"short", 0), (b"rest", 1))) == b""


def test_a_flag_that_is_neither_zero_nor_one_is_refused() -> None:
    assert released_before_refusal(crafted((b"short", 2))) == b""


def test_the_first_chunk_can_be_read_alone() -> None:
    """From a body of which only the beginning was fetched."""
    beginning = sealed()[: NONCE_BYTES + SEALED_CHUNK_BYTES]
    assert next(decrypt(KEY, io.BytesIO(beginning))) == PLAIN[:CHUNK_BYTES]


class Dripping(io.RawIOBase):
    """A source that gives fewer bytes than it was asked for, as sockets and shares do."""

    def __init__(self, data: bytes) -> None:
        self._source = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._source.read(min(size, 7_001 if size > NONCE_BYTES else 5))


def test_a_source_that_drips_is_read_to_its_end() -> None:
    dripping = Dripping(sealed())
    assert b"".join(decrypt(KEY, dripping)) == PLAIN


def test_the_writer_takes_no_more_than_it_needs() -> None:
    """Constant memory: after 40 MiB were offered, at most a few were taken for the first piece."""
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(40):
            taken += 1
            yield bytes(1 << 20)

    payload = encrypt(KEY, pieces())
    next(payload)
    assert len(next(payload)) == 16 * SEALED_CHUNK_BYTES
    assert taken <= 2


def test_the_reader_takes_one_chunk_ahead_and_no_more() -> None:
    source = io.BytesIO(sealed(bytes(40 * CHUNK_BYTES)))
    next(decrypt(KEY, source))
    assert source.tell() == NONCE_BYTES + 2 * SEALED_CHUNK_BYTES
    assert TAG_BYTES == SEALED_CHUNK_BYTES - CHUNK_BYTES
