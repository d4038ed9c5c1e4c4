# SPDX-License-Identifier: Apache-2.0
"""Who looked at a picture stays; the index may be made again."""

from typing import ClassVar

from django.db import migrations

from service.office.record.history import protect


class Migration(migrations.Migration):
    """Protect who looked at what."""

    dependencies: ClassVar = [("library", "0001_start")]
    operations: ClassVar = [protect("library_viewing")]
