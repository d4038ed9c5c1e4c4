# SPDX-License-Identifier: Apache-2.0
"""Proposals stay; only that they were confirmed or ended may be set."""

from typing import ClassVar

from django.db import migrations

from service.office.record.history import protect

_KEPT = (
    "number", "id", '"case"', "shown", "reason", "proposed_by_id", "proposed_as", "proposed_at",
    "expires_at",
)  # fmt: skip


class Migration(migrations.Migration):
    """Protect proposals."""

    dependencies: ClassVar = [("safeguarding", "0001_start")]
    operations: ClassVar = [protect("safeguarding_erasureproposal", of=_KEPT)]
