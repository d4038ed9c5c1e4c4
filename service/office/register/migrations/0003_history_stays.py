# SPDX-License-Identifier: Apache-2.0
"""What happened is only added to; the register starts with the default purposes."""

from typing import ClassVar

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from service.office.record.history import protect
from service.office.register.defaults import PURPOSES

HISTORY = (
    "answer",
    "correction",
    "evidence",
    "guardianship",
    "personchange",
    "publication",
    "restriction",
    "token",
)


def start_with_purposes(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Add the default purposes."""
    apps.get_model("register", "Purpose").objects.bulk_create(
        apps.get_model("register", "Purpose")(
            code=one.code,
            label=one.label,
            lawful_basis=one.basis,
            scope=one.scope,
            renewal=one.renewal,
            place=place,
        )
        for place, one in enumerate(PURPOSES)
    )


class Migration(migrations.Migration):
    """Protect history."""

    dependencies: ClassVar = [("register", "0002_start_further"), ("record", "0002_history_stays")]
    operations: ClassVar = [
        *(protect(f"register_{name}") for name in HISTORY),
        migrations.RunPython(start_with_purposes, migrations.RunPython.noop),
    ]
