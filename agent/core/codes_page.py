# SPDX-License-Identifier: Apache-2.0
"""The page of all concern codes, generated from the closed list itself."""

from agent.core.concerns import Concern, Verdict

_HEAD = """\
# Why a picture is held or quarantined

Generated from `agent/core/concerns.py`; do not edit. **HOLD**: sealed and stored, waiting for a
fact or a permission. **QUARANTINE**: could not be read safely; sealed unopened, the original stays.

| code | verdict | what the office reads | what to do |
|---|---|---|---|
"""


def codes_page() -> str:
    """Return `docs/codes.md`."""
    rows = (
        f"| `{concern.code}` | {Verdict(concern.severity).name} | {concern.sentence} "
        f"| {concern.remedy} |\n"
        for concern in sorted(Concern, key=lambda concern: concern.code)
    )
    return _HEAD + "".join(rows)
