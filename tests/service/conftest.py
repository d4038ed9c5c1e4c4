# SPDX-License-Identifier: Apache-2.0
"""The sites of `tests/site`, for the hosts above the agent."""

from tests.site.conftest import a_school, loaded, new_school, ready_school

__all__ = ["a_school", "loaded", "new_school", "ready_school"]
