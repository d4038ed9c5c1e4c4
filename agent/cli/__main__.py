# SPDX-License-Identifier: Apache-2.0
"""`python -m agent.cli` is the same as `photowarden`."""

from agent.cli.program import main

main()
