# SPDX-License-Identifier: Apache-2.0
"""Reports that were made, in the site's folder; which of them count is in the ledger.

    office/reports/<id>/report.json      the model, canonical: its SHA-256 is in the ledger
    office/reports/<id>/report.html      a draft, then approved; the ledger has their digests
    office/reports/<id>/report.pdf
    office/reports/<id>/made             when it was made (UTC)

The id is the beginning of the model's digest. What an approved report showed stays what later
reports show of its term.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from agent import durable
from agent.core.canonical import JsonValue, decode, encode
from agent.core.errors import ConfigurationError, IntegrityError
from agent.core.report_entries import ReportDigests
from agent.core.summary.figures import Figures
from agent.core.summary.model import published_figures

FOLDER: Final = "office/reports"
_MODEL: Final = "report.json"
_MADE: Final = "made"
_ID_LETTERS: Final = 16

Model = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """The files of one report."""

    html: bytes
    pdf: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One report as it is kept."""

    id: str
    digest: str
    model: Model
    made: datetime
    folder: Path

    @property
    def term(self) -> str:
        """The term it is about."""
        return str(self.model["term"])

    @property
    def fingerprint(self) -> str:
        """The fingerprint that is printed on it."""
        trust = self.model["trust"]
        return str(trust["fingerprint"]) if isinstance(trust, Mapping) else ""


def digest_of(model: Model) -> str:
    """Return the SHA-256 of a model's canonical text, hex."""
    return hashlib.sha256(encode(model)).hexdigest()


def digests_of(model: Model, printed: Printed) -> ReportDigests:
    """Return what the ledger is told of a report."""
    return ReportDigests(
        report=digest_of(model),
        html=hashlib.sha256(printed.html).hexdigest(),
        pdf=None if printed.pdf is None else hashlib.sha256(printed.pdf).hexdigest(),
    )


def keep(site: Path, model: Model, printed: Printed, made: datetime) -> Kept:
    """Keep a report; the same model again replaces its files and nothing else."""
    digest = digest_of(model)
    folder = site / FOLDER / digest[:_ID_LETTERS]
    folder.mkdir(parents=True, exist_ok=True)
    durable.replace(folder / "report.html", [printed.html])
    if printed.pdf is not None:
        durable.replace(folder / "report.pdf", [printed.pdf])
    durable.replace(folder / _MADE, [made.isoformat().encode()])
    durable.replace(folder / _MODEL, [encode(model)])
    return Kept(id=folder.name, digest=digest, model=model, made=made, folder=folder)


def kept_reports(site: Path) -> Iterator[Kept]:
    """Yield every report that is kept, oldest first.

    Raises:
        IntegrityError: a model is not the one that its folder is named after.
    """
    found = [_read(path.parent) for path in (site / FOLDER).glob(f"*/{_MODEL}")]
    yield from sorted(found, key=lambda kept: (kept.made, kept.id))


def find(site: Path, report: str) -> Kept:
    """Return a report by its id.

    Raises:
        ConfigurationError: there is none.
    """
    for kept in kept_reports(site):
        if kept.id == report:
            return kept
    raise ConfigurationError(
        "no report has this id",
        code="report.unknown",
        remedy="Make the report again with photowarden report.",
    )


def published(kept: Iterable[Kept], approved: frozenset[str]) -> dict[str, Figures]:
    """Return what approved reports have shown, by period; what was shown first stays."""
    shown: dict[str, Figures] = {}
    for report in kept:
        if report.digest in approved:
            for name, figures in published_figures(report.model).items():
                shown[name] = {**figures, **shown.get(name, {})}
    return shown


def _read(folder: Path) -> Kept:
    text = (folder / _MODEL).read_bytes()
    digest = hashlib.sha256(text).hexdigest()
    try:
        model = decode(text)
        made = datetime.fromisoformat((folder / _MADE).read_text("ascii"))
    except (ValueError, OSError) as error:
        raise _damaged() from error
    if not isinstance(model, dict) or digest[:_ID_LETTERS] != folder.name:
        raise _damaged()
    return Kept(id=folder.name, digest=digest, model=model, made=made, folder=folder)


def _damaged() -> IntegrityError:
    return IntegrityError(
        "a report in office/reports was changed after it was made",
        code="report.damaged",
        remedy="Restore the folder office/reports from the backup; its digests are in the ledger.",
    )
