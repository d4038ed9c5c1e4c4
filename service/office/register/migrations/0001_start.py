# SPDX-License-Identifier: Apache-2.0
"""People, guardians, answers, groups, devices, purposes, publications."""

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
            name="Device",
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
                ("name", models.CharField(max_length=60, unique=True)),
                ("make", models.CharField(blank=True, default="", max_length=60)),
                ("model", models.CharField(blank=True, default="", max_length=80)),
                ("serials", models.TextField(blank=True, default="")),
                ("folders", models.TextField(blank=True, default="")),
                ("retired_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Guardian",
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
                ("name", models.CharField(max_length=120)),
                ("contact", models.CharField(blank=True, default="", max_length=200)),
                ("reference", models.CharField(blank=True, default="", max_length=40)),
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("version", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("upto", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("valid_until", models.DateTimeField()),
                ("people", models.PositiveIntegerField()),
                ("answers", models.PositiveIntegerField()),
                ("devices", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Purpose",
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
                ("code", models.CharField(max_length=41, unique=True)),
                ("label", models.CharField(max_length=120)),
                (
                    "lawful_basis",
                    models.CharField(
                        choices=[
                            ("consent", "consent"),
                            ("public_task", "public_task"),
                            ("legitimate_interests", "legitimate_interests"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("internal", "internal"),
                            ("families", "families"),
                            ("world", "world"),
                            ("third_party", "third_party"),
                            ("modifier", "modifier"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "renewal",
                    models.CharField(
                        choices=[
                            ("school_year", "school_year"),
                            ("while_here", "while_here"),
                            ("two_years", "two_years"),
                        ],
                        max_length=24,
                    ),
                ),
                ("place", models.PositiveIntegerField(default=0)),
                ("used", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["place", "code"],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "id",
                    models.CharField(
                        default=agent.site.new_id, editable=False, max_length=26, unique=True
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "says",
                    models.CharField(
                        choices=[("yes", "yes"), ("no", "no"), ("withdrawn", "withdrawn")],
                        max_length=24,
                    ),
                ),
                ("given_on", models.DateField()),
                ("valid_until", models.DateField(blank=True, null=True)),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("form", "form"),
                            ("letter", "letter"),
                            ("e_mail", "e_mail"),
                            ("telephone", "telephone"),
                            ("in_person", "in_person"),
                            ("import", "import"),
                            ("online", "online"),
                            ("child_said", "child_said"),
                        ],
                        max_length=24,
                    ),
                ),
                ("note", models.CharField(blank=True, default="", max_length=300)),
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
                "ordering": ["given_on", "number"],
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "id",
                    models.CharField(
                        default=agent.site.new_id, editable=False, max_length=26, unique=True
                    ),
                ),
                ("at", models.DateTimeField()),
                ("why", models.CharField(max_length=300)),
                (
                    "answer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="correction",
                        to="register.answer",
                        to_field="id",
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
                (
                    "replaced_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.answer",
                        to_field="id",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "id",
                    models.CharField(
                        default=agent.site.new_id, editable=False, max_length=26, unique=True
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("pdf", "pdf"), ("jpeg", "jpeg"), ("png", "png")], max_length=24
                    ),
                ),
                ("size", models.PositiveIntegerField()),
                ("sealed_sha256", models.CharField(max_length=64)),
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
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="answer",
            name="evidence",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="register.evidence",
                to_field="id",
            ),
        ),
        migrations.CreateModel(
            name="Group",
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
                ("name", models.CharField(max_length=60)),
                (
                    "sort",
                    models.CharField(
                        choices=[("class", "class"), ("group", "group")], max_length=24
                    ),
                ),
                ("folders", models.TextField(blank=True, default="")),
                ("closed_on", models.DateField(blank=True, null=True)),
                ("key", models.CharField(editable=False, max_length=60)),
                (
                    "teachers",
                    models.ManyToManyField(
                        blank=True, related_name="groups", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["sort", "name", "id"],
            },
        ),
        migrations.AddField(
            model_name="answer",
            name="guardian",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="answers",
                to="register.guardian",
            ),
        ),
    ]
