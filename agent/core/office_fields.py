# SPDX-License-Identifier: Apache-2.0
"""The fields of what the office records: who did which act, in opaque ids and closed words.

One act of the console is one entry (`service/office/acts.py`). `by` is the account that acted; it
is null where the program or the computer's administrator did.
"""

import re
from typing import Final

from agent.core.entry_shapes import COUNT, DAY, DIGEST, OPAQUE, Shape, one_of
from agent.core.register import Capacity, Says

ROLES: Final = (
    "office", "teacher", "head", "data_protection", "governor", "technician", "safeguarding",
    "chair",
)  # fmt: skip
FACTORS: Final = ("password", "passkey", "totp", "recovery_code")
HOW_SIGNED_OUT: Final = ("person", "idle", "limit", "elsewhere")
SETUP_STEPS: Final = (
    "school", "head", "keys", "second_person", "register", "folders", "test_photo", "done",
)  # fmt: skip
SORTS: Final = ("pupil", "staff", "visitor")
HOW_ANSWERED: Final = (
    "form", "letter", "e_mail", "telephone", "in_person", "import", "online", "child_said",
)  # fmt: skip
PERSON_FIELDS: Final = (
    "names", "known_as", "former_names", "reference", "upn", "birth", "year_group", "note",
)  # fmt: skip
GROUP_FIELDS: Final = ("name", "folders", "teachers", "closed", "sort")
DEVICE_FIELDS: Final = ("name", "make", "model", "serials", "folders", "cards", "retired")
PURPOSE_FIELDS: Final = ("label", "basis", "scope", "renewal", "order", "used")

_ONE: Final = Shape(OPAQUE)
_MAYBE: Final = Shape(OPAQUE, optional=True)
_MANY: Final = Shape(OPAQUE, many=True)
_CAPACITY: Final = Shape(one_of(capacity.value for capacity in Capacity))
_SAID: Final = re.compile(r"[a-z2-7]{26}\.(" + "|".join(says.value for says in Says) + ")")


def _words(listed: tuple[str, ...], *, many: bool = False) -> Shape:
    return Shape(one_of(listed), many=many)


FOLDERS_CHANGED: Final = {"by": _MAYBE, "folders": COUNT}
SETUP_STEP_DONE: Final = {"by": _MAYBE, "step": _words(SETUP_STEPS)}
ACCOUNT_ALONE: Final = {"account": _ONE}
ACCOUNT: Final = {"by": _MAYBE, "account": _ONE}
ACCOUNT_GRANTED: Final = ACCOUNT | {"role": _words(ROLES), "until": Shape(DAY, optional=True)}
ACCOUNT_REVOKED: Final = ACCOUNT | {"role": _words(ROLES)}
ACCOUNT_SIGNED_IN: Final = {"account": _ONE, "factors": _words(FACTORS, many=True)}
ACCOUNT_SIGNED_OUT: Final = {"account": _ONE, "how": _words(HOW_SIGNED_OUT)}
ACCOUNT_REFUSED: Final = {"account": _MAYBE}
ACCOUNT_CODE_GIVEN: Final = ACCOUNT | {"factors": _words(("kept", "removed"))}
ACCOUNT_FACTOR_CHANGED: Final = {
    "account": _ONE,
    "factor": _words(FACTORS),
    "change": _words(("added", "removed")),
}
KEY_PASSPHRASE_SET: Final = {"by": _MAYBE, "how": _words(("first", "again", "changed"))}
KEY_GIVEN: Final = ACCOUNT | {"keys": Shape(DIGEST, many=True)}
KEY_REMOVED: Final = ACCOUNT | {"why": _words(("asked", "role", "closed"))}
KEY_UNLOCKED: Final = {"by": _MAYBE}
PERSON: Final = {"by": _MAYBE, "person": _ONE}
PERSON_ADDED: Final = PERSON | {"sort": _words(SORTS)}
PERSON_CHANGED: Final = PERSON | {"fields": _words(PERSON_FIELDS, many=True)}
PERSON_LEFT: Final = PERSON | {"on": Shape(DAY)}
GUARDIAN_SET: Final = PERSON | {"guardian": _ONE, "capacity": _CAPACITY, "on": Shape(DAY)}
GUARDIAN_CHANGED: Final = {"by": _MAYBE, "guardian": _ONE}
ANSWERS_RECORDED: Final = PERSON | {
    "answerer": _ONE,
    "capacity": _CAPACITY,
    "answers": Shape(_SAID, many=True),
    "given_on": Shape(DAY),
    "valid_until": Shape(DAY, optional=True),
    "how": _words(HOW_ANSWERED),
    "evidence": _MAYBE,
    "corrects": _MAYBE,
}
LETTERS_PRINTED: Final = {"by": _MAYBE, "people": _MANY}
EVIDENCE_ADDED: Final = PERSON | {"evidence": _ONE, "sealed_sha256": Shape(DIGEST)}
EVIDENCE_OPENED: Final = PERSON | {"evidence": _ONE}
GROUP: Final = {"by": _MAYBE, "group": _ONE}
GROUP_CHANGED: Final = GROUP | {"fields": _words(GROUP_FIELDS, many=True)}
GROUP_PEOPLE: Final = GROUP | {"people": _MANY}
GROUP_LIST_PRINTED: Final = GROUP | {"contents": _words(("names", "count"))}
DEVICE: Final = {"by": _MAYBE, "device": _ONE}
DEVICE_CHANGED: Final = DEVICE | {"fields": _words(DEVICE_FIELDS, many=True)}
DEVICE_RETIRED: Final = DEVICE | {"on": Shape(DAY)}
PURPOSE: Final = {"by": _MAYBE, "purpose": _ONE}
PURPOSE_CHANGED: Final = PURPOSE | {"fields": _words(PURPOSE_FIELDS, many=True)}
REGISTER_IMPORTED: Final = {
    "by": _MAYBE,
    "confirmed_by": _MAYBE,
    "file_sha256": Shape(DIGEST),
    "plan": _ONE,
    "joined": COUNT,
    "changed": COUNT,
    "left": COUNT,
    "tightened": COUNT,
    "loosened": COUNT,
}
ERASE_REASONS: Final = ("held_too_long", "asked_for", "not_needed", "strange_device")
ERASURE: Final = {"by": _MAYBE, "cases": _MANY}
ERASURE_PROPOSED: Final = ERASURE | {"reason": _words(ERASE_REASONS)}
OWN_WORDS: Final = ("yes", "no", "skip", "forgotten")
REGISTER_WORD_SET: Final = {
    "by": _MAYBE,
    "word": _ONE,
    "says": _words(OWN_WORDS),
    "replaces": _MAYBE,
}
REGISTER_IMPORT_UNDONE: Final = {"by": _MAYBE, "plan": _ONE}
