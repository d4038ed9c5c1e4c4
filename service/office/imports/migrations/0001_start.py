# SPDX-License-Identifier: Apache-2.0
"""Imports and known layouts."""

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
            name="KnownLayout",
            fields=[
                ("fingerprint", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("layout", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "id",
                    models.CharField(
                        default=agent.site.new_id, editable=False, max_length=26, unique=True
                    ),
                ),
                ("at", models.DateTimeField()),
                ("file_sha256", models.CharField(max_length=64)),
                ("made_on", models.DateField()),
                ("changes", models.JSONField()),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
    ]
