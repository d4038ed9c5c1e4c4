# SPDX-License-Identifier: Apache-2.0
"""One person's answers for some purposes are found by one index."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("register", "0003_history_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(fields=["person", "purpose"], name="answers_of_a_person"),
        ),
    ]
