# SPDX-License-Identifier: Apache-2.0
"""Events stay; only the mark that one is in the ledger may be set."""

from typing import ClassVar

from django.db import migrations

from service.office.record.history import protect


class Migration(migrations.Migration):
    """Protect events."""

    dependencies: ClassVar = [("record", "0001_start")]
    operations: ClassVar = [
        protect("record_event", of=("number", "id", "kind", "at", "by_id", "body")),
    ]
