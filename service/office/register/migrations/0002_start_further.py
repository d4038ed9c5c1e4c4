# SPDX-License-Identifier: Apache-2.0
"""The rest of the register's first tables."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agent.site


class Migration(migrations.Migration):
    dependencies = [
        ("register", "0001_start"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Person",
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
                (
                    "sort",
                    models.CharField(
                        choices=[("pupil", "pupil"), ("staff", "staff"), ("visitor", "visitor")],
                        max_length=24,
                    ),
                ),
                ("reference", models.CharField(max_length=40, unique=True)),
                ("upn", models.CharField(blank=True, default="", max_length=13)),
                ("given_name", models.CharField(max_length=80)),
                ("family_name", models.CharField(max_length=80)),
                ("known_as", models.CharField(blank=True, default="", max_length=80)),
                ("also_tagged", models.TextField(blank=True, default="")),
                ("born_on", models.DateField(blank=True, null=True)),
                ("year_group", models.CharField(blank=True, default="", max_length=20)),
                ("left_on", models.DateField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("search", models.CharField(default="", editable=False, max_length=400)),
            ],
            options={
                "ordering": ["family_name", "given_name", "id"],
                "indexes": [
                    models.Index(fields=["family_name", "given_name", "id"], name="people_in_order")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("upn", ""), _negated=True),
                        fields=("upn",),
                        name="one_of_an_upn",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
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
                ("since", models.DateField()),
                ("until", models.DateField(blank=True, null=True)),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="register.group",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="register.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Guardianship",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "id",
                    models.CharField(
                        default=agent.site.new_id, editable=False, max_length=26, unique=True
                    ),
                ),
                ("at", models.DateTimeField()),
                ("relationship", models.CharField(max_length=60)),
                (
                    "capacity",
                    models.CharField(
                        choices=[
                            ("responsible", "responsible"),
                            ("delegated", "delegated"),
                            ("undelegated", "undelegated"),
                        ],
                        max_length=24,
                    ),
                ),
                ("delegation_seen_on", models.DateField(blank=True, null=True)),
                ("ended", models.BooleanField(default=False)),
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
                    "guardian",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guardianships",
                        to="register.guardian",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guardianships",
                        to="register.person",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.AddField(
            model_name="evidence",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="evidence",
                to="register.person",
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="answers",
                to="register.person",
            ),
        ),
        migrations.CreateModel(
            name="PersonChange",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "id",
                    models.CharField(
                        default=agent.site.new_id, editable=False, max_length=26, unique=True
                    ),
                ),
                ("at", models.DateTimeField()),
                ("field", models.CharField(max_length=20)),
                ("before", models.TextField(blank=True)),
                ("after", models.TextField(blank=True)),
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="register.person",
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.AddField(
            model_name="answer",
            name="purpose",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="answers",
                to="register.purpose",
            ),
        ),
        migrations.CreateModel(
            name="Restriction",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "id",
                    models.CharField(
                        default=agent.site.new_id, editable=False, max_length=26, unique=True
                    ),
                ),
                ("at", models.DateTimeField()),
                ("restricted", models.BooleanField()),
                ("reason", models.TextField()),
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restrictions",
                        to="register.person",
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                (
                    "token",
                    models.CharField(
                        default=agent.site.new_id,
                        editable=False,
                        max_length=26,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("school_year", models.CharField(max_length=7)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tokens",
                        to="register.person",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="group",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_on__isnull", True)),
                fields=("key",),
                name="one_open_group_of_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until__isnull", True)),
                fields=("person", "group"),
                name="in_a_group_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="guardianship",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("capacity", "delegated"), _negated=True),
                    ("delegation_seen_on__isnull", False),
                    _connector="OR",
                ),
                name="delegation_was_seen",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until__isnull", True),
                    ("valid_until__gte", models.F("given_on")),
                    _connector="OR",
                ),
                name="answer_has_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="token",
            constraint=models.UniqueConstraint(
                fields=("person", "school_year"), name="one_token_a_year"
            ),
        ),
    ]
