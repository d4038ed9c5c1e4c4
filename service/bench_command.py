# SPDX-License-Identifier: Apache-2.0
"""`photowarden bench` of the whole program: the station's measurements and the console's."""

from agent.cli.bench_command import bench
from service.office.command import bench_console

bench.add_command(bench_console, "console")

__all__ = ["bench"]
