# SPDX-License-Identifier: Apache-2.0
"""The mutants that no test can kill, because they do what the module does, each with its reason."""

from typing import Final

_UNREACHED = "_has_empty_roster is asked only after a register was seen to be there"
_CANONICAL = "the comparison with the canonical text refuses it as well"

_ORDER = "only the order of the numbers counts, and it stays"
_ALL_GRANT = "those who are entitled all grant alike, so which of them ties or leads shows nowhere"
_SAYS = "_STRICTNESS = {Says.YES: 0, Says.WITHDRAWN: 1, Says.NO: 2}"

_ONE_DEVICE = "exactly one device is left there, and of one entry the first is the last"

_TOO_SMALL = (
    "too_small=len({number for number in present.too_small if 1 <= number <= (faces or 0)}),"
)
_SHORT = "56, 64 or 72 bits of a digest: no two of a million ids meet in any of them"

EQUIVALENT: Final[dict[str, dict[str, str]]] = {
    "provenance": {
        "device, routes = found[0], _routes(evidence, register) @23: 0 becomes -1": _ONE_DEVICE,
        "if len(found) > 1 or not evidence.serials <= found[0].serials: @51: 0 becomes -1": (
            _ONE_DEVICE
        ),
    },
    "ledger": {
        "if not (isinstance(at, str) and isinstance(body, dict) and isinstance(identifier, str)):"
        " @8: operand 1 is the neutral one": (
            "what is no object has not the fields of any kind and is refused by that"
        ),
    },
    "checkpoint": {
        "except (ValueError, binascii.Error) as error: @7: entry 1 is removed": (
            "binascii.Error is a ValueError"
        ),
        "if len(lines) != _LINES + 1 or lines[-1]: @3: operand 1 is the neutral one": _CANONICAL,
        "parsed = cls(origin=origin, size=int(size), root=base64.b64decode(root, validate=True))"
        " @81: True becomes False": _CANONICAL,
    },
    "attribution": {
        "for tag, tokens in zip(named, found, strict=True) @44: True becomes False": (
            "one list is made from the other"
        ),
        "tagged = {tokens[0] for tokens in found if len(tokens) == 1} @17: 0 becomes -1": (
            "of one entry the first is the last"
        ),
    },
    "consent": {
        f"{_SAYS} @25: 0 becomes -1": _ORDER,
        f"{_SAYS} @56: 2 becomes 3": _ORDER,
        "Capacity.CHILD: 4, @16: 4 becomes 5": _ORDER,
        "Capacity.RESPONSIBLE: 0, @22: 0 becomes -1": _ORDER,
        "Capacity.RESPONSIBLE: 0, @22: 0 becomes 1": _ALL_GRANT,
        "Capacity.DELEGATED: 1, @20: 1 becomes 0": _ALL_GRANT,
        "Capacity.DELEGATED: 1, @20: 1 becomes 2": _ALL_GRANT,
        "Capacity.SELF: 2, @15: 2 becomes 1": _ALL_GRANT,
        "if rival is None or _strength(answer) > _strength(rival): @20: Gt 0 becomes GtE": (
            "answers of equal strength are equal"
        ),
        "return date.fromordinal(date.max.toordinal() + 1 - day.toordinal()) @47: 1 becomes 2": (
            "the order stays, for every day but the first of the year 1"
        ),
    },
    "decide": {
        "if isinstance(register, NoRegister): @0: the body of if is removed": _UNREACHED,
        "return True @0: returns None": _UNREACHED,
        "return True @0: returns False": _UNREACHED,
        "return False @0: returns None": "whoever asks takes None for false as well",
        "ignored = 0 if policy.count_small_faces else facts.small_faces @10: 0 becomes -1": (
            "the greater of it and a count is taken, and no count is below 0"
        ),
        "return (facts.faces or 0) - max(ignored, facts.too_small) + facts.added_faces "
        "@8: operand 1 is the neutral one": "false counts as 0",
        "if question.facts.attribution.stated and not claim.stated: "
        "@3: operand 1 is the neutral one": (
            "of a copy that somebody has spoken about no class counts anyway"
        ),
        f"{_TOO_SMALL} @73: operand 1 is the neutral one": "false counts as 0",
        f"{_TOO_SMALL} @57: 1 becomes 0": "Present refuses a face numbered 0",
        f"{_TOO_SMALL} @82: 0 becomes -1": "no number is below 1 in either case",
    },
    "ledger_audit": {
        "digest = hashlib.blake2b(identifier.encode(), digest_size=8).digest() @58: 8 becomes 7": (
            _SHORT
        ),
        "digest = hashlib.blake2b(identifier.encode(), digest_size=8).digest() @58: 8 becomes 9": (
            _SHORT
        ),
    },
}
