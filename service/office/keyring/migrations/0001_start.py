# SPDX-License-Identifier: Apache-2.0
"""Personal keys and the office keys that are wrapped to them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agent.site


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_start"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReviewerKey",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="reviewer_key",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("public", models.TextField()),
                ("salt", models.BinaryField(max_length=16)),
                ("sealed", models.BinaryField(max_length=64)),
                ("memory_kib", models.PositiveIntegerField()),
                ("passes", models.PositiveSmallIntegerField()),
                ("lanes", models.PositiveSmallIntegerField()),
                ("set_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("memory_kib__lte", 1048576), ("passes__lte", 16), ("lanes__lte", 16)
                        ),
                        name="key_costs_at_most",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KeyWrap",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=agent.site.new_id,
                        editable=False,
                        max_length=26,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("office_key", models.CharField(max_length=64)),
                ("sealed", models.BinaryField()),
                ("given_at", models.DateTimeField()),
                (
                    "given_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="wraps",
                        to="keyring.reviewerkey",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("holder", "office_key"), name="one_wrap_of_a_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("given_by__isnull", True),
                            models.Q(("given_by", models.F("holder")), _negated=True),
                            _connector="OR",
                        ),
                        name="key_given_by_another",
                    ),
                ],
            },
        ),
    ]
