# SPDX-License-Identifier: Apache-2.0
"""The steps of the first run that are done."""

from django.db import models

from agent.core.office_fields import SETUP_STEPS


class SetupStep(models.Model):
    """One step that is done, and when."""

    step = models.CharField(
        primary_key=True, max_length=20, choices=[(step, step) for step in SETUP_STEPS]
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        """Return the step."""
        return self.step
