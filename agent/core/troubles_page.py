# SPDX-License-Identifier: Apache-2.0
"""The page of all troubles, generated from the closed list itself."""

from agent.core.troubles import Trouble, Urgency

_HEAD = """\
# What can be wrong with a computer

Generated from `agent/core/troubles.py`; do not edit. `photowarden status`,
`photowarden doctor`, the digest by mail and the diagnostics bundle use these codes and no others.
**NOW**: pictures wait, or nobody watches. **SOON**: it becomes worse. **NOTE**: good to know.

| code | act | what is wrong | what to do |
|---|---|---|---|
"""


def troubles_page() -> str:
    """Return `docs/troubles.md`."""
    rows = (
        f"| `{trouble.code}` | {Urgency(trouble.urgency).name} | {trouble.sentence} "
        f"| {trouble.remedy} |\n"
        for trouble in sorted(Trouble, key=lambda trouble: trouble.code)
    )
    return _HEAD + "".join(rows)
