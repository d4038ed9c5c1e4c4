# SPDX-License-Identifier: Apache-2.0
"""The index of cases, how far it has come, and who looked at what."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Followed",
            fields=[
                ("station", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("change", models.BigIntegerField(default=0)),
                ("case", models.CharField(blank=True, default="", max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="IndexedCase",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("station", models.CharField(max_length=64)),
                ("object", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=24)),
                ("state", models.CharField(max_length=12)),
                ("verdict", models.CharField(max_length=12)),
                ("concerns", models.TextField(blank=True, default="")),
                ("is_confidential", models.BooleanField(default=False)),
                ("is_frozen", models.BooleanField(default=False)),
                ("taken_on", models.DateField(null=True)),
                ("listed_at", models.CharField(max_length=19)),
                ("arrived_at", models.DateTimeField()),
                ("sitting", models.CharField(blank=True, default="", max_length=128)),
                ("faces", models.PositiveIntegerField(null=True)),
                ("named", models.PositiveIntegerField(default=0)),
                ("is_stated", models.BooleanField(default=False)),
                ("has_absences", models.BooleanField(default=False)),
                ("has_rosters", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-listed_at", "-id"], name="cases_in_order"),
                    models.Index(fields=["verdict", "arrived_at"], name="cases_by_verdict"),
                    models.Index(fields=["sitting"], name="cases_of_a_sitting"),
                    models.Index(
                        condition=models.Q(("is_frozen", True)), fields=["is_frozen"], name="frozen"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseRoster",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("roster", models.CharField(max_length=64)),
                ("sitting", models.CharField(blank=True, default="", max_length=128)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rosters",
                        to="library.indexedcase",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["sitting"], name="rosters_of_a_sitting")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("roster", "case"), name="a_roster_of_a_case_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CasePerson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.CharField(max_length=64)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="people",
                        to="library.indexedcase",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("token", "case"), name="named_in_a_case_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Viewing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("case", models.CharField(max_length=64)),
                ("day", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("case", "user", "day"), name="seen_once_a_day")
                ],
            },
        ),
    ]
