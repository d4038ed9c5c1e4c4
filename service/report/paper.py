# SPDX-License-Identifier: Apache-2.0
"""A report as PDF by Typst: accessible (PDF/UA-1), for keeping (PDF/A-2a), reproducible."""

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any, Final

from service.report import chart
from service.report.document import Block, blocks_of, head_of
from service.report.web import TITLE
from service.typesetting import FAMILIES, typeset

NORMAL: Final = 11
LARGE: Final = 18
_IN_LINE: Final = {NORMAL: 6, LARGE: 4}
"""Groups of a fingerprint in one line."""
_LETTERS: Final = {NORMAL: 13, LARGE: 18}
"""The chart's letters, in units of its drawing."""
_STANDARDS: Final = ("ua-1", "a-2a")
_TEMPLATE: Final = "report.typ"


def paper(
    model: Mapping[str, Any], code: str, at: datetime, approved_on: str | None, size: int = NORMAL
) -> bytes:
    """Return the PDF; `size` is the size of its letters in points.

    Raises:
        ConfigurationError: this computer cannot set documents.
    """
    families = ", ".join(FAMILIES)
    standing = (
        "Draft: not approved by the headteacher yet. Not for the minutes."
        if approved_on is None
        else f"Approved by the headteacher on {approved_on}."
    )
    data = {
        "name": TITLE,
        "title": f"{TITLE}, {model['term']}, {model['school']}",
        "school": model["school"],
        "footer": f"{model['school']}, {model['term']}" + (", draft" if not approved_on else ""),
        "head": head_of(model),
        "draft": approved_on is None,
        "standing": standing,
        "size": size,
        "in_line": _IN_LINE[size],
        "code": code,
        "blocks": [_drawn(one, families, size) for one in blocks_of(model)],
    }
    return typeset((files(__package__) / _TEMPLATE).read_text("utf-8"), data, at, _STANDARDS)


def _drawn(block: Block, families: str, size: int) -> Block:
    if block["block"] != "chart":
        return block
    return {
        "block": "chart",
        "title": block["title"],
        "svg": chart.chart_svg(block, families, _LETTERS[size]),
        "told": chart.told(block),
    }
