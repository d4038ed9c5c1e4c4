# SPDX-License-Identifier: Apache-2.0
"""Mutants that live and that nobody has judged yet: a test is missing, or a reason is."""

from typing import Final

UNEXAMINED: Final[dict[str, tuple[str, ...]]] = {
    "merkle": (
        "if last == 0: @0: the body of if is removed",
        "if last == 0: @11: 0 becomes -1",
        "if new == 0: @0: the body of if is removed",
        "if new == 0: @10: 0 becomes -1",
        "if not 0 < old_size <= new_size or any(len(part) != HASH_BYTES for part in proof): @3: operand 1 is the neutral one",
        "if not 0 < size <= len(leaves): @0: the body of if is removed",
        "if not 0 < size <= len(leaves): @7: 0 becomes -1",
        "if not 0 < size <= len(leaves): @7: Lt 0 becomes LtE",
        "if not 0 <= index < len(leaves): @0: the body of if is removed",
        "if not 0 <= index < len(leaves): @7: 0 becomes -1",
        "if not 0 <= index < len(leaves): @7: Lt 1 becomes LtE",
        "if not 0 <= index < size or any(len(part) != HASH_BYTES for part in (leaf, *proof)): @68: entry 1 is removed",
        "if not 0 <= index < size or any(len(part) != HASH_BYTES for part in (leaf, *proof)): @7: 0 becomes -1",
        "index, last = index >> 1, last >> 1 @34: 1 becomes 2",
        "old, new = old >> 1, new >> 1 @18: 1 becomes 2",
        "old, new = old >> 1, new >> 1 @28: 1 becomes 2",
        "return False @0: returns None",
        "return None @0: returns False",
        "while not index & 1 and index: @6: operand 1 is the neutral one",
        "while not old & 1 and old: @6: operand 1 is the neutral one",
    ),
}
