# SPDX-License-Identifier: Apache-2.0
"""Events."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agent.site


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "id",
                    models.CharField(
                        default=agent.site.new_id, editable=False, max_length=26, unique=True
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("body", models.JSONField()),
                ("in_ledger", models.BooleanField(default=False)),
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
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("in_ledger", False)), fields=["in_ledger"], name="due"
                    )
                ],
            },
        ),
    ]
