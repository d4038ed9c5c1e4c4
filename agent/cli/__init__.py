# SPDX-License-Identifier: Apache-2.0
"""The command line: parse, call, print, exit code. It decides nothing.

Exit codes: 0 done, 1 a fault of ours, 2 configuration or usage, 3 unavailable (try again),
4 integrity (our records disagree).
"""

from agent.cli.program import main

__all__ = ["main"]
