# SPDX-License-Identifier: Apache-2.0
"""The school's own words for yes and no; what was said of one is only added to."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agent.site
from service.office.record.history import protect


class Migration(migrations.Migration):
    """Make the table and protect it."""

    dependencies: ClassVar = [
        ("imports", "0002_history_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations: ClassVar = [
        migrations.CreateModel(
            name="OwnWord",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "id",
                    models.CharField(
                        default=agent.site.new_id, editable=False, max_length=26, unique=True
                    ),
                ),
                ("at", models.DateTimeField()),
                ("text", models.CharField(max_length=80)),
                (
                    "says",
                    models.CharField(
                        choices=[
                            ("yes", "yes"),
                            ("no", "no"),
                            ("skip", "skip"),
                            ("forgotten", "forgotten"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["number"]},
        ),
        protect("imports_ownword"),
    ]
