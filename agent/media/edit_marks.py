# SPDX-License-Identifier: Apache-2.0
"""Marks that picture editors leave: their names, adjustments, histories, claims. In the child only.

Marks are looked for by their usual spelling and not parsed: whoever hides that a picture was edited
can do so, and whoever edits it in good faith leaves them.
"""

import re
from typing import Final

from agent.media.facts import MAX_TOOLS, cleaned_text

_TOOLS: Final = re.compile(
    rb"(?:xmp:CreatorTool|stEvt:softwareAgent|tiff:Software|xmp:Software)"
    rb"(?:\s*=\s*[\"']([^\"'<>]{1,128})[\"']|>([^<>]{1,128})<)"
)
_EDITED: Final = re.compile(
    rb"\bcrs:(?:HasSettings|HasCrop|AlreadyApplied)(?:\s*=\s*[\"']|>)\s*[Tt]rue"
    rb"|\bstEvt:action(?:\s*=\s*[\"']|>)\s*(?:edited|saved|derived|converted|cropped|resized|filtered)"
    rb"|\b(?:photoshop:(?:DocumentAncestors|History)|xmpMM:DerivedFrom)\b"
)
"""Camera Raw settings, an Adobe history (XMP part 2, 1.2.6), what a picture was derived from."""
_CLAIMED: Final = re.compile(
    rb"c2pa\.(?:edited|opened|placed|cropped|filtered|color_adjustments|adjustedColor|drawing"
    rb"|removed|deleted|redacted)|trainedAlgorithmicMedia"
)
"""Actions of a C2PA manifest (specification 2.1, 18.14) after which it is not as it was taken."""


def tools_in(untrusted_xmp: bytes, *others: str | None) -> tuple[str, ...]:
    """Return the programs that say that they wrote a file, each once."""
    said = (found[0] or found[1] for found in _TOOLS.findall(untrusted_xmp))
    names = [*others, *(cleaned_text(name.decode("utf-8", "replace")) for name in said)]
    return tuple(dict.fromkeys(name for name in names if name))[:MAX_TOOLS]


def says_it_was_edited(untrusted_xmp: bytes, untrusted_claims: bytes) -> bool:
    """Tell whether a history, settings or claims say that somebody changed the picture."""
    return bool(_EDITED.search(untrusted_xmp) or _CLAIMED.search(untrusted_claims))
