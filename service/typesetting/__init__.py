# SPDX-License-Identifier: Apache-2.0
"""Set a document as PDF with Typst: class cards and the governors' report.

Boundary: a template of ours and plain data in, bytes out. No value is ever read as markup, no file
is read but the fonts that ship, nothing is fetched, and the same input gives the same bytes on
every computer. A character that no shipped font can show becomes a visible box: a document never
fails over somebody's name.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import as_file, files
from typing import Any, Final

from agent.core.errors import ConfigurationError
from service.typesetting.coverage import covered, showable

FONTS: Final = ("AtkinsonHyperlegible-Regular.ttf", "AtkinsonHyperlegible-Bold.ttf")
"""The faces that documents are set in."""
SPARE_FONT: Final = "DejaVuSans.ttf"
"""Greek, Cyrillic, Arabic, Hebrew, Vietnamese and much else that the faces lack."""
FAMILIES: Final = ("Atkinson Hyperlegible", "DejaVu Sans")
_FOLDER: Final = "fonts"
_PREAMBLE: Final = """\
#let data = json(bytes(sys.inputs.at("data")))
#set text(font: ({families}), fallback: false, lang: "en", region: "GB")
"""


def typeset(
    template: str,
    data: Mapping[str, Any],
    at: datetime,
    standards: Sequence[str] = ("ua-1",),
) -> bytes:
    """Return a PDF of a template, which finds the data as `data` and pictures as SVG texts in it.

    `at` is the moment of making that the file tells; `standards` are Typst's words for PDF
    standards (PDF/UA-1 is ISO 14289-1: accessible, every character shown, a title, a language).

    Raises:
        ConfigurationError: this computer has not got what the office's computer has.
        ValueError: the template is faulty.
    """
    return _compiled(template, data, at, format="pdf", pdf_standards=list(standards))[0]


def pictures(template: str, data: Mapping[str, Any], at: datetime, ppi: int) -> list[bytes]:
    """Return each page of a document as PNG, at so many pixels an inch: for looking at it.

    Raises:
        ConfigurationError, ValueError: as `typeset`.
    """
    return _compiled(template, data, at, format="png", ppi=float(ppi))


def _compiled(
    template: str,
    data: Mapping[str, Any],
    at: datetime,
    **wanted: Any,  # noqa: ANN401 - what the compiler takes
) -> list[bytes]:
    typst = _typst()
    families = ", ".join(f'"{family}"' for family in FAMILIES)
    source = _PREAMBLE.format(families=families) + template
    with as_file(files(__name__) / _FOLDER) as fonts:
        try:
            made: bytes | list[bytes] = typst.compile(
                source.encode("utf-8"),
                root=str(fonts),
                font_paths=[str(fonts)],
                ignore_system_fonts=True,
                sys_inputs={"data": json.dumps(_shown(data))},
                timestamp=int(at.astimezone(UTC).timestamp()),
                **wanted,
            )
        except typst.TypstError as error:
            raise ValueError(f"the template cannot be set: {error}") from error
    return [made] if isinstance(made, bytes) else made


def font_bytes(name: str) -> bytes:
    """Return a font file that ships."""
    return (files(__name__) / _FOLDER / name).read_bytes()


def _shown(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Return a value with each text in characters that the fonts can show."""
    if isinstance(value, str):
        return showable(value, _coverage())
    if isinstance(value, Mapping):
        return {str(key): _shown(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(one) for one in value]
    return value


@cache
def _coverage() -> frozenset[int]:
    return covered(font_bytes(FONTS[0])) | covered(font_bytes(SPARE_FONT))


def _typst() -> Any:  # noqa: ANN401 - a module without types
    try:
        import typst  # noqa: PLC0415 - only the office's computer has it
    except ImportError as error:
        raise ConfigurationError(
            "this computer cannot set documents: the package typst is not installed",
            code="office.packages_missing",
            remedy="Install photowarden[office] on the office's computer and run this there.",
        ) from error
    return typst
