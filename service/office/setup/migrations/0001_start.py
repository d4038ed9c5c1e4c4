# SPDX-License-Identifier: Apache-2.0
"""The steps of the first run."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SetupStep",
            fields=[
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("school", "school"),
                            ("head", "head"),
                            ("keys", "keys"),
                            ("second_person", "second_person"),
                            ("register", "register"),
                            ("folders", "folders"),
                            ("test_photo", "test_photo"),
                            ("done", "done"),
                        ],
                        max_length=20,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
