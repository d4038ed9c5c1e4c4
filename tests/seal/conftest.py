# SPDX-License-Identifier: Apache-2.0
"""No test here is about time: a busy machine may take as long as it needs."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
