# SPDX-License-Identifier: Apache-2.0
"""The chair of governors signs in too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_start"),
    ]

    operations = [
        migrations.AlterField(
            model_name="rolegrant",
            name="role",
            field=models.CharField(
                choices=[
                    ("office", "School office"),
                    ("teacher", "Teacher"),
                    ("head", "Headteacher"),
                    ("data_protection", "Data protection officer"),
                    ("governor", "Governor"),
                    ("technician", "Technician"),
                    ("safeguarding", "Safeguarding lead"),
                    ("chair", "Chair of governors"),
                ],
                max_length=20,
            ),
        ),
    ]
