# SPDX-License-Identifier: Apache-2.0
"""What Django says on standard error: that something failed and where, never with what.

A traceback or a message of an exception may hold what somebody typed. The events are in the ledger;
here are codes for the technician.
"""

import logging
import traceback
from pathlib import Path
from typing import Final

_LOGGER: Final = "django"


class CodesOnly(logging.Formatter):
    """Write a record as its logger, level and place of failure."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line without any argument of the record."""
        line = f"photowarden console: {record.name} {record.levelname.lower()}"
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return line
        frames = traceback.extract_tb(error.__traceback__)
        place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        return f"{line} {type(error).__name__}{place}"


def keep_quiet() -> None:
    """Let Django's records go out as codes only."""
    handler = logging.StreamHandler()
    handler.setFormatter(CodesOnly())
    logger = logging.getLogger(_LOGGER)
    logger.handlers = [handler]
    logger.setLevel(logging.ERROR)
    logger.propagate = False
