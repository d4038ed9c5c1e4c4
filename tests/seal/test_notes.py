# SPDX-License-Identifier: Apache-2.0
"""Signed notes: one good signature by a known key, one spelling, nothing else."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.seal.errors import KeyInvalid, SealError, SignatureInvalid
from agent.seal.notes import SignedNote, Signer, Verifier, sign, verify

STATION = Signer("school.example/station", bytes(range(32)))
OFFICE = Signer("school.example/office", bytes(range(1, 33)))
TEXT = "school.example/ledger\n7\nroot\n"
NOTE = sign(TEXT, STATION)
KNOWN = [STATION.verifier()]
LINES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=0, max_size=30
).map(lambda text: text + "\n")


def line(signer: Signer, text: str = TEXT, name: str | None = None, tail: bytes = b"") -> str:
    data = signer.verifier().key_id + signer.signature(text) + tail
    return f"\N{EM DASH} {name or signer.name} {base64.b64encode(data).decode()}\n"


def note(*lines: str, text: str = TEXT) -> bytes:
    return f"{text}\n{''.join(lines)}".encode()


def test_a_note_has_the_specified_form() -> None:
    assert note(line(STATION)) == NOTE


def test_a_key_id_is_the_specified_one() -> None:
    public = STATION.verifier().public
    digest = hashlib.sha256(b"school.example/station\n\x01" + public).digest()
    assert STATION.verifier().key_id == digest[:4]


@given(st.lists(LINES, min_size=1, max_size=5).map("".join))
def test_a_signed_text_comes_back(text: str) -> None:
    assert verify(sign(text, STATION), KNOWN) == text


@pytest.mark.parametrize("text", ["", "no line end", "tab\there\n", "bell\x07\n", "cr\r\n", "\0\n"])
def test_a_text_that_no_note_can_hold_is_not_signed(text: str) -> None:
    with pytest.raises(ValueError, match="text of a note"):
        sign(text, STATION)


@given(st.integers(0, len(NOTE) - 1), st.integers(0, 7))
def test_a_flipped_bit_is_refused(place: int, bit: int) -> None:
    spoiled = bytearray(NOTE)
    spoiled[place] ^= 1 << bit
    with pytest.raises(SignatureInvalid):
        verify(bytes(spoiled), KNOWN)


@given(st.integers(0, len(NOTE) - 1))
def test_a_note_cut_anywhere_is_refused(length: int) -> None:
    with pytest.raises(SignatureInvalid):
        verify(NOTE[:length], KNOWN)


def test_a_note_by_unknown_keys_only_is_refused() -> None:
    with pytest.raises(SignatureInvalid, match="no known key"):
        verify(NOTE, [OFFICE.verifier()])


def test_no_known_key_accepts_nothing() -> None:
    with pytest.raises(SignatureInvalid):
        verify(NOTE, [])


def test_an_unknown_signature_beside_a_good_one_is_ignored() -> None:
    assert verify(note(line(OFFICE), line(STATION)), KNOWN) == TEXT


def test_a_wrong_signature_by_a_known_key_spoils_a_good_one() -> None:
    both = [STATION.verifier(), OFFICE.verifier()]
    with pytest.raises(SignatureInvalid, match="wrong"):
        verify(note(line(STATION), line(OFFICE, text="another text\n")), both)


def test_a_repeated_signature_is_refused() -> None:
    with pytest.raises(SignatureInvalid, match="repeated"):
        verify(note(line(STATION), line(STATION)), KNOWN)


def test_a_signature_under_another_name_is_not_the_known_key() -> None:
    with pytest.raises(SignatureInvalid):
        verify(note(line(STATION, name=OFFICE.name)), [*KNOWN, OFFICE.verifier()])


def test_a_longer_signature_of_a_known_key_is_refused() -> None:
    with pytest.raises(SignatureInvalid, match="wrong"):
        verify(note(line(STATION, tail=b"x")), KNOWN)


def test_a_second_key_of_the_same_name_is_another_key() -> None:
    impostor = Signer(STATION.name, bytes(32))
    with pytest.raises(SignatureInvalid, match="no known key"):
        verify(sign(TEXT, impostor), KNOWN)


@pytest.mark.parametrize(
    "spoiled",
    [
        NOTE + b"\n",
        NOTE + b"more\n",
        NOTE[:-1],
        NOTE[:-2] + b"\n",
        NOTE.replace(b"\n", b"\r\n"),
        NOTE.replace("\N{EM DASH}".encode(), b"-"),
        NOTE.replace("\N{EM DASH} ".encode(), "\N{EM DASH}  ".encode()),
        NOTE.replace(b"7", b"\xff"),
        NOTE.replace(b"7", b"\x07"),
        TEXT.encode(),
        TEXT.encode() + b"\n",
        note(*[line(STATION)] * 17),
        note(line(STATION).replace("school", "schoo\x01")),
        note(f"\N{EM DASH} {STATION.name} AAAA\n", line(STATION)),
        b"",
        b"\n\n",
    ],
)
def test_a_malformed_note_is_refused(spoiled: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        verify(spoiled, KNOWN)


@given(st.binary(max_size=200))
def test_no_bytes_end_the_parser_with_anything_but_its_own_error(data: bytes) -> None:
    with pytest.raises(SealError):
        verify(data, KNOWN)


def test_a_cosignature_can_be_added_to_a_parsed_note() -> None:
    parsed = SignedNote.parse(NOTE)
    added = (OFFICE.name, OFFICE.verifier().key_id, OFFICE.signature(parsed.text))
    both = SignedNote(parsed.text, (*parsed.signatures, added)).encoded()
    assert verify(both, [OFFICE.verifier()]) == TEXT
    assert verify(both, KNOWN) == TEXT


def test_keys_return_from_their_texts() -> None:
    signer = Signer.generate("school.example/new")
    assert Signer.parse(signer.text() + "\n").text() == signer.text()
    assert Verifier.parse(str(signer.verifier())) == signer.verifier()


@pytest.mark.parametrize("name", ["", "two words", "a+b", "no\u00a0break", "nul\0", "line\nend"])
def test_a_name_that_no_signature_line_can_hold_is_refused(name: str) -> None:
    with pytest.raises(KeyInvalid):
        Signer.generate(name)
    with pytest.raises(KeyInvalid):
        Verifier.parse(str(Verifier(name, bytes(32))))


VKEY = str(STATION.verifier())
SKEY = STATION.text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        VKEY + "\n",
        VKEY.replace("school", "School"),
        VKEY.upper(),
        VKEY[:-4],
        VKEY.replace("+AQ", "+AB"),
        SKEY,
        "a+b",
        VKEY.replace("+", "\N{FULLWIDTH PLUS SIGN}"),
        VKEY + "\u00e9",
    ],
)
def test_a_malformed_verifier_is_refused(text: str) -> None:
    with pytest.raises(KeyInvalid):
        Verifier.parse(text)


@pytest.mark.parametrize(
    "text",
    ["", VKEY, SKEY[1:], SKEY.replace("school", "School"), SKEY[:-4], SKEY.replace("+AQ", "+BA")],
)
def test_a_malformed_signer_is_refused(text: str) -> None:
    with pytest.raises(KeyInvalid):
        Signer.parse(text)


def test_a_signer_whose_text_could_not_be_read_again_is_refused() -> None:
    with pytest.raises(KeyInvalid):
        Signer.generate("\u00e9cole.example")


@pytest.mark.parametrize("text", ["bell\x07\n", "tab\t\n", "cr\r\n", "nul\0\n"])
def test_a_control_character_is_refused_even_when_it_was_signed(text: str) -> None:
    with pytest.raises(SignatureInvalid, match="malformed"):
        verify(note(line(STATION, text=text), text=text), KNOWN)


def test_an_unknown_signature_with_stray_bits_spoils_the_note() -> None:
    unknown = "\N{EM DASH} school.example/other AAAAAAB=\n"
    with pytest.raises(SignatureInvalid, match="canonical"):
        verify(note(unknown, line(STATION)), KNOWN)


def test_an_unknown_signature_of_another_length_is_ignored() -> None:
    unknown = "\N{EM DASH} school.example/other AAAAAAA=\n"
    assert verify(note(unknown, line(STATION)), KNOWN) == TEXT
