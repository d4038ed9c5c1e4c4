# SPDX-License-Identifier: Apache-2.0
"""What people did, as a report names it: words for kinds of entries; which are shown in full.

A kind that has no words here is counted by its code. What staff did is shown in full; what may be
one child's matter is veiled like every small number.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from agent.core.summary.numbers import THRESHOLD, Exact, Veiled
from agent.core.summary.words import count

_WORDS: Final = {
    "account.acknowledged": "Somebody accepted the rules of the console",
    "account.broken_glass": "The emergency log-in was used",
    "account.closed": "An account was closed",
    "account.code_given": "A new code to sign in was given",
    "account.created": "An account was made",
    "account.factor_changed": "A way to sign in was added or removed",
    "account.granted": "A role was given to somebody",
    "account.password_set": "A password was set",
    "account.refused": "Signing in was refused",
    "account.reopened": "An account was opened again",
    "account.revoked": "A role was taken from somebody",
    "account.signed_in": "Somebody signed in",
    "act.untrusted": "A day on which the storage offered orders that the office had not signed",
    "answers.recorded": "Answers of a family were recorded",
    "case.frozen": "A picture was frozen for the police or the safeguarding lead",
    "case.released": "A frozen picture was released, with a reference",
    "case.seen": "A held picture was looked at",
    "device.added": "A camera or iPad was added",
    "device.changed": "A camera or iPad was changed",
    "device.retired": "A camera or iPad was retired",
    "erasure.confirmed": "A second person confirmed that held pictures be erased",
    "erasure.proposed": "Somebody proposed to erase held pictures",
    "erasure.taken_back": "A proposal to erase was taken back",
    "evidence.added": "A signed form was put on file",
    "evidence.opened": "A signed form was looked at",
    "group.added": "A class or group was added",
    "group.changed": "A class or group was changed",
    "group.joined": "People joined a class or group",
    "group.left": "People left a class or group",
    "guardian.changed": "A guardian's details were changed",
    "guardian.set": "A guardian was recorded",
    "key.given": "Somebody was given access to sealed pictures",
    "key.passphrase_set": "Somebody chose a passphrase for sealed pictures",
    "key.refused": "A wrong passphrase for sealed pictures was refused",
    "key.removed": "Somebody's access to sealed pictures was taken away",
    "key.unlocked": "Somebody unlocked sealed pictures",
    "ledger.checked": "Somebody typed an earlier fingerprint",
    "people.stated": "Somebody said who is in a picture, or who was not there",
    "person.added": "A person was added to the register",
    "person.changed": "A person's details were changed",
    "person.left": "A person left the school",
    "person.restricted": "Somebody was marked not to be photographed",
    "person.returned": "A person came back",
    "person.unrestricted": "A mark not to be photographed was taken away",
    "photo.erased": "A stored picture was erased by two people",
    "purpose.added": "A purpose was added",
    "purpose.changed": "A purpose was changed",
    "register.import_undone": "An import into the register was undone",
    "register.imported": "The register was imported from the school's system",
    "register.published": "The consent register was published",
    "register.word_set": "Somebody said what a word of the school's files means",
    "report.approved": "The head approved a report",
    "report.made": "A report was made",
    "restriction.read": "The list of who may not be photographed was read",
    "station.enrolled": "A school computer was enrolled",
    "station.retired": "A school computer was retired",
}
_QUIET: Final = (
    "account.signed_out", "act.settled", "agent.", "ledger.witnessed", "photo.", "setup.", "site.",
)  # fmt: skip
"""What the program does by itself, or what says nothing."""
_STAFF: Final = (
    "account.", "act.", "case.", "device.", "erasure.", "ledger.", "photo.erased", "purpose.",
    "register.", "report.", "station.",
)  # fmt: skip
"""Kinds whose number says nothing of one child."""


def acts_of(kinds: Mapping[str, int], *, with_children: bool) -> Iterator[tuple[str, str]]:
    """Yield how often people acted: (words, count); a small school leaves out what is a child's."""
    for code, number in sorted(kinds.items()):
        if code not in _WORDS and code.startswith(_QUIET):
            continue
        is_staff = code.startswith(_STAFF)
        if is_staff or with_children:
            is_small = 0 < number < THRESHOLD and not is_staff
            shown = Veiled.FEWER if is_small else Exact(number)
            yield _WORDS.get(code, f"Other: {code}"), count(shown)
