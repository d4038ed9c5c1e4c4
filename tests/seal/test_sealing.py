# SPDX-License-Identifier: Apache-2.0
"""Slip and body: together an age file, apart nothing; who may open, and what is refused."""

import hmac
import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.seal.encoding import encode_base64, encode_bech32
from agent.seal.errors import (
    HeaderInvalid,
    HmacInvalid,
    KeyInvalid,
    NoMatch,
    PayloadInvalid,
    SealError,
)
from agent.seal.header import Header, Stanza, hkdf, read_header, write_header
from agent.seal.hybrid import HybridIdentity, HybridRecipient
from agent.seal.keys import Identity
from agent.seal.passphrase import Passphrase
from agent.seal.sealing import check_shape, open_bytes, open_sealed, seal, seal_bytes
from agent.seal.stream import CHUNK_BYTES, sealed_size
from agent.seal.x25519 import X25519Identity, X25519Recipient

OFFICE = HybridIdentity(bytes(range(32)))
RECOVERY = HybridIdentity(bytes(range(1, 33)))
CLASSIC = X25519Identity(bytes(range(32)))
LOCK = Passphrase(b"correct horse", 2)
PLAIN = b"a drawn picture " * 5_000
LOW_ORDER = bytes(32)


def halves() -> tuple[bytes, bytes]:
    sealed = seal([OFFICE.recipient(), RECOVERY.recipient()], [PLAIN])
    return sealed.slip, b"".join(sealed.body)


SLIP, BODY = halves()


@pytest.mark.parametrize("identity", [OFFICE, RECOVERY])
def test_either_identity_opens_the_halves(identity: HybridIdentity) -> None:
    assert b"".join(open_sealed(SLIP, io.BytesIO(BODY), [identity])) == PLAIN


def test_the_halves_joined_are_an_age_file() -> None:
    assert open_bytes(SLIP + BODY, [OFFICE]) == PLAIN


def test_a_file_has_the_size_that_was_announced() -> None:
    assert len(BODY) == sealed_size(len(PLAIN))


def test_a_stranger_does_not_open_it() -> None:
    with pytest.raises(NoMatch):
        open_sealed(SLIP, io.BytesIO(BODY), [HybridIdentity.generate(), CLASSIC, LOCK])


def test_no_identity_opens_nothing() -> None:
    with pytest.raises(NoMatch):
        open_sealed(SLIP, io.BytesIO(BODY), [])


def test_the_slip_of_another_file_does_not_open_a_body() -> None:
    with pytest.raises(PayloadInvalid):
        b"".join(open_sealed(halves()[0], io.BytesIO(BODY), [OFFICE]))


def test_something_after_the_slip_is_refused() -> None:
    with pytest.raises(HeaderInvalid):
        open_sealed(SLIP + b"x", io.BytesIO(BODY), [OFFICE])


def test_the_slip_is_checked_before_the_body_is_touched() -> None:
    body = io.BytesIO(BODY)
    with pytest.raises(NoMatch):
        open_sealed(SLIP, body, [HybridIdentity.generate()])
    assert body.tell() == 0


def test_every_sealing_draws_a_new_file_key() -> None:
    keys = {unwrapped(halves()[0]) for _ in range(20)}
    assert len(keys) == 20


def unwrapped(slip: bytes) -> bytes | None:
    return OFFICE.unwrap(read_header(io.BytesIO(slip)).stanzas[0])


@given(st.integers(0, len(SLIP) - 1), st.integers(0, 7))
def test_a_flipped_bit_in_the_slip_is_refused(place: int, bit: int) -> None:
    spoiled = bytearray(SLIP)
    spoiled[place] ^= 1 << bit
    with pytest.raises((HeaderInvalid, NoMatch, HmacInvalid)):
        open_sealed(bytes(spoiled), io.BytesIO(BODY), [OFFICE])


def test_a_stanza_that_was_taken_out_is_noticed() -> None:
    header = read_header(io.BytesIO(SLIP))
    with pytest.raises(HmacInvalid):
        open_sealed(Header(header.stanzas[:1], header.mac).encoded(), io.BytesIO(BODY), [OFFICE])


def test_a_mac_under_another_label_is_noticed() -> None:
    header = read_header(io.BytesIO(SLIP))
    file_key = unwrapped(SLIP)
    assert file_key is not None
    covered = SLIP[: SLIP.rindex(b" ")]
    assert header.mac == hmac.digest(hkdf(file_key, b"", b"header"), covered, "sha256")


@pytest.mark.parametrize(
    "recipients",
    [
        [],
        [OFFICE.recipient(), CLASSIC.recipient()],
        [LOCK, LOCK],
        [LOCK, OFFICE.recipient()],
    ],
)
def test_a_mix_that_weakens_the_file_is_refused(recipients: list[HybridRecipient]) -> None:
    with pytest.raises(KeyInvalid):
        seal(recipients, [PLAIN])


@pytest.mark.parametrize("armored", [False, True])
@pytest.mark.parametrize("identity", [OFFICE, CLASSIC], ids=["post-quantum", "classic"])
def test_a_whole_file_returns_what_went_in(
    identity: HybridIdentity | X25519Identity, *, armored: bool
) -> None:
    data = seal_bytes([identity.recipient()], PLAIN, armored=armored)
    assert open_bytes(data, [identity]) == PLAIN


def test_a_passphrase_beside_another_stanza_is_refused() -> None:
    file_key = bytes(16)
    slip = write_header(file_key, [LOCK.wrap(file_key), CLASSIC.recipient().wrap(file_key)])
    with pytest.raises(HeaderInvalid, match="alone"):
        open_sealed(slip, io.BytesIO(BODY), [CLASSIC])


def spoiled_stanzas(stanza: Stanza) -> dict[str, Stanza]:
    first, *others = stanza.arguments
    return {
        "no argument": Stanza(stanza.kind, (), stanza.body),
        "one argument more": Stanza(stanza.kind, (*stanza.arguments, "x"), stanza.body),
        "stray bits": Stanza(stanza.kind, (first[:-1] + "B", *others), stanza.body),
        "padding": Stanza(stanza.kind, (first + "=", *others), stanza.body),
        "a short share": Stanza(stanza.kind, (first[:-4], *others), stanza.body),
        "a long body": Stanza(stanza.kind, stanza.arguments, stanza.body + b"x"),
        "a short body": Stanza(stanza.kind, stanza.arguments, stanza.body[:-1]),
    }


FAULTS = list(spoiled_stanzas(Stanza("x", ("share",), b"body")))
WRAPPED: list[tuple[Identity, Stanza]] = [
    (OFFICE, OFFICE.recipient().wrap(bytes(16))),
    (CLASSIC, CLASSIC.recipient().wrap(bytes(16))),
    (LOCK, LOCK.wrap(bytes(16))),
]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("identity", "stanza"), WRAPPED, ids=["hybrid", "x25519", "scrypt"])
def test_a_stanza_of_our_kind_with_a_fault_is_refused(
    identity: Identity, stanza: Stanza, fault: str
) -> None:
    with pytest.raises(HeaderInvalid):
        identity.unwrap(spoiled_stanzas(stanza)[fault])


@pytest.mark.parametrize("factor", ["0", "023", "+2", "2 ", "23", "99", "0x2", "", "\u0662"])
def test_a_malformed_or_excessive_work_factor_is_refused(factor: str) -> None:
    stanza = LOCK.wrap(bytes(16))
    with pytest.raises(HeaderInvalid, match="work factor"):
        LOCK.unwrap(Stanza(stanza.kind, (stanza.arguments[0], factor), stanza.body))


@pytest.mark.parametrize("factor", [0, -1, 23])
def test_a_work_factor_that_our_reader_refuses_is_not_written(factor: int) -> None:
    with pytest.raises(KeyInvalid):
        Passphrase(b"correct horse", factor)


def test_an_empty_passphrase_is_refused() -> None:
    with pytest.raises(KeyInvalid):
        Passphrase(b"")


def test_a_low_order_share_is_refused_not_taken_for_a_stranger() -> None:
    stanza = CLASSIC.recipient().wrap(bytes(16))
    with pytest.raises(HeaderInvalid, match="low order"):
        CLASSIC.unwrap(Stanza(stanza.kind, (encode_base64(LOW_ORDER).decode(),), stanza.body))


def test_a_low_order_share_in_a_hybrid_stanza_is_refused() -> None:
    stanza = OFFICE.recipient().wrap(bytes(16))
    share = encode_base64(bytes(1088) + LOW_ORDER).decode()
    with pytest.raises(HeaderInvalid, match="low order"):
        OFFICE.unwrap(Stanza(stanza.kind, (share,), stanza.body))


def test_a_low_order_classic_key_is_refused_when_it_is_read() -> None:
    with pytest.raises(KeyInvalid, match="low order"):
        X25519Recipient.parse(encode_bech32("age", LOW_ORDER))


def test_a_low_order_half_of_a_hybrid_key_is_refused_when_it_is_read() -> None:
    public = OFFICE.recipient()._public[:-32] + LOW_ORDER
    with pytest.raises(KeyInvalid, match="low order"):
        HybridRecipient.parse(encode_bech32("age1pq", public))


def test_a_hybrid_key_outside_the_field_is_refused() -> None:
    public = b"\xff" * 1184 + OFFICE.recipient()._public[-32:]
    with pytest.raises(KeyInvalid, match="ML-KEM"):
        HybridRecipient(public)


@pytest.mark.parametrize("kind", [HybridIdentity, X25519Identity])
def test_a_key_returns_from_its_text(kind: type[HybridIdentity | X25519Identity]) -> None:
    identity = kind.generate()
    assert kind.parse(identity.text()).text() == identity.text()
    recipient = identity.recipient()
    assert str(type(recipient).parse(str(recipient))) == str(recipient)


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (HybridRecipient.parse, str(CLASSIC.recipient())),
        (X25519Recipient.parse, str(OFFICE.recipient())),
        (HybridIdentity.parse, CLASSIC.text()),
        (X25519Identity.parse, OFFICE.text()),
        (X25519Recipient.parse, CLASSIC.text()),
        (X25519Identity.parse, encode_bech32("age-secret-key-", bytes(31))),
        (HybridIdentity.parse, encode_bech32("age-secret-key-pq-", bytes(33))),
        (X25519Recipient.parse, encode_bech32("age", bytes(31))),
        (HybridRecipient.parse, encode_bech32("age1pq", bytes(1215))),
    ],
)
def test_a_key_of_another_kind_is_refused(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(KeyInvalid):
        parse(text)


def test_our_own_slip_and_body_have_the_right_shape() -> None:
    check_shape(SLIP, len(BODY))


@pytest.mark.parametrize("size", [0, 16, 31, 16 + CHUNK_BYTES + 17, 16 + 2 * CHUNK_BYTES + 48])
def test_a_body_of_an_impossible_size_is_found_without_a_key(size: int) -> None:
    with pytest.raises(PayloadInvalid):
        check_shape(SLIP, size)


@pytest.mark.parametrize("slip", [b"", SLIP[:-1], SLIP + b"\n", SLIP * 2, SLIP[1:]])
def test_a_malformed_slip_is_found_without_a_key(slip: bytes) -> None:
    with pytest.raises(HeaderInvalid):
        check_shape(slip, len(BODY))


def test_a_slip_to_a_classic_key_is_found_without_a_key() -> None:
    slip = seal([CLASSIC.recipient()], [PLAIN]).slip
    with pytest.raises(HeaderInvalid, match="kind"):
        check_shape(slip, len(BODY))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_slip_with_a_spoiled_stanza_is_found_without_a_key(fault: str) -> None:
    stanza = spoiled_stanzas(read_header(io.BytesIO(SLIP)).stanzas[1])[fault]
    with pytest.raises(HeaderInvalid):
        check_shape(Header((stanza,), bytes(32)).encoded(), len(BODY))


@given(st.binary(max_size=300))
def test_no_bytes_end_the_reader_with_anything_but_its_own_error(data: bytes) -> None:
    with pytest.raises(SealError):
        open_bytes(data, [OFFICE, CLASSIC])
