# SPDX-License-Identifier: Apache-2.0
"""Imports stay; only the moment of undoing may be set."""

from typing import ClassVar

from django.db import migrations

from service.office.record.history import protect

_KEPT = ("number", "id", "at", "by_id", "file_sha256", "made_on", "confirmed_by_id", "changes")


class Migration(migrations.Migration):
    """Protect imports."""

    dependencies: ClassVar = [("imports", "0001_start")]
    operations: ClassVar = [protect("imports_import", of=_KEPT)]
