# SPDX-License-Identifier: Apache-2.0
"""Print a model: the HTML page always, the PDF where this computer can set one."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from agent.core.errors import ConfigurationError
from agent.core.summary.words import day
from service.report.archive import Printed
from service.report.paper import LARGE, NORMAL, paper
from service.report.web import web_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """How a report is printed."""

    large_print: bool = False
    pdf: bool = True


def printed(
    model: Mapping[str, Any], printing: Printing, at: datetime, approved_on: date | None
) -> Printed:
    """Return the files of a report; the same model at the same moment gives the same bytes.

    Raises:
        ConfigurationError: a package of the office's computer is absent.
    """
    code = square_code(str(model["trust"]["checkpoint"]))
    approved = None if approved_on is None else day(approved_on)
    html = web_page(model, code, approved, large_print=printing.large_print)
    if not printing.pdf:
        return Printed(html=html, pdf=None)
    size = LARGE if printing.large_print else NORMAL
    return Printed(html=html, pdf=paper(model, code, at, approved, size))


def square_code(text: str) -> str:
    """Return a QR code (ISO/IEC 18004) of a text as SVG."""
    try:
        import segno  # noqa: PLC0415 - only the office's computer has it
    except ImportError as error:
        raise ConfigurationError(
            "this computer cannot draw codes: the package segno is not installed",
            code="office.packages_missing",
            remedy="Install photowarden[office] on the office's computer and run this there.",
        ) from error
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, border=2, omitsize=True
    )
    return out.getvalue().decode("utf-8").strip()
