# SPDX-License-Identifier: Apache-2.0
"""What each kind of entry of a station's ledger holds, field by field: no more and no less."""

from typing import Final

import pytest

from agent.core.ledger import EntryKind

FIELDS: Final = {
    "site.created": "vault",
    "register.published": "register register_version people answers devices",
    "photo.decided": (
        "case group* copies* parent? verdict concerns* register? register_version? policy "
        "refusal? grade device? coverage rosters* tagged* unknown_names ambiguous_names "
        "unnamed_faces stated absent* visitors not_known faces? small_faces added_faces "
        "too_small noted*"
    ),
    "photo.stored": "case object body_sha256 body_size slip_sha256",
    "people.stated": (
        "case says people* everyone visitors not_known added_faces too_small* account role"
    ),
    "photo.duplicate": "case arrivals",
    "photo.cleared": "case original sidecars",
    "station.enrolled": "station",
    "station.retired": "station",
    "agent.started": "version",
    "agent.stopped": "started_at",
    "agent.gap": "since until ended",
    "ledger.witnessed": "ledger entries root",
    "ledger.checked": "entries?",
    "report.made": "report entries root html pdf?",
    "report.approved": "report by? html pdf?",
    "case.frozen": "case concerns_head account role",
    "case.released": "case reference account role",
    "case.seen": "case account role",
    "act.settled": "item settled",
    "act.untrusted": "day",
    "key.passphrase_set": "by? how",
    "key.given": "by? account keys*",
    "key.removed": "by? account why",
    "key.unlocked": "by?",
    "key.refused": "account",
    "photo.erased": "case object proposed_by proposed_as confirmed_by confirmed_as",
}
"""A question mark stands after what may be null, a star after what is a list."""


@pytest.mark.parametrize("code", FIELDS)
def test_a_kind_holds_these_fields_and_no_others(code: str) -> None:
    kind = next(kind for kind in EntryKind if kind.code == code)
    marks = {name + "?" * shape.optional + "*" * shape.many for name, shape in kind.fields.items()}
    assert marks == set(FIELDS[code].split())
