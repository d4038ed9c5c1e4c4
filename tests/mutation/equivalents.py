# SPDX-License-Identifier: Apache-2.0
"""The mutants that no test can kill, because they do what the module does, each with its reason."""

from typing import Final

_UNREACHED = "_has_empty_roster is asked only after a register was seen to be there"
_CANONICAL = "the comparison with the canonical text refuses it as well"

EQUIVALENT: Final[dict[str, dict[str, str]]] = {
    "checkpoint": {
        "except (ValueError, binascii.Error) as error: @7: entry 1 is removed": (
            "binascii.Error is a ValueError"
        ),
        "if len(lines) != _LINES + 1 or lines[-1]: @3: operand 1 is the neutral one": _CANONICAL,
        "parsed = cls(origin=origin, size=int(size), root=base64.b64decode(root, validate=True))"
        " @81: True becomes False": _CANONICAL,
    },
    "decide": {
        "if isinstance(register, NoRegister): @0: the body of if is removed": _UNREACHED,
        "return True @0: returns None": _UNREACHED,
        "return True @0: returns False": _UNREACHED,
    },
    "snapshot": {
        "except (KeyError, TypeError, AttributeError) as error: @7: entry 2 is removed": (
            "every shape that is wrong so far raises one of the other two"
        ),
    },
}
