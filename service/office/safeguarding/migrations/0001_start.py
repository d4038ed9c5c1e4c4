# SPDX-License-Identifier: Apache-2.0
"""Proposals to erase."""

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
            name="ErasureProposal",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "id",
                    models.CharField(
                        default=agent.site.new_id, editable=False, max_length=26, unique=True
                    ),
                ),
                ("case", models.CharField(max_length=64)),
                ("shown", models.CharField(max_length=64)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            (
                                "held_too_long",
                                "Held longer than the school keeps what it may not use",
                            ),
                            ("asked_for", "Somebody in it, or their family, asked for it"),
                            ("not_needed", "Taken by mistake, or of no use"),
                            ("strange_device", "Not taken by a device of the school"),
                        ],
                        max_length=24,
                    ),
                ),
                ("proposed_as", models.CharField(max_length=30)),
                ("proposed_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("item", models.CharField(blank=True, max_length=26)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("proposed_by", models.F("confirmed_by")), _negated=True
                        ),
                        name="erasing_takes_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_at__isnull", True), ("confirmed_by__isnull", True)
                            ),
                            models.Q(
                                ("confirmed_at__lte", models.F("expires_at")),
                                ("confirmed_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="erasing_is_confirmed_in_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_at__isnull", True),
                            ("ended_at__isnull", True),
                            _connector="OR",
                        ),
                        name="an_ended_proposal_erases_nothing",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("confirmed_at__isnull", True), ("ended_at__isnull", True)
                        ),
                        fields=("case",),
                        name="one_open_proposal_of_a_case",
                    ),
                ],
            },
        ),
    ]
