# SPDX-License-Identifier: Apache-2.0
"""Photowarden on Windows: the plan of an installation, the service, its keeper.

    layout, access, steps, reasons   words: places, rights, what a plan is made of, why it refuses
    planning                         the decision, pure: a machine and a wish become a plan
    machine                          what this computer is like
    __main__                         `python -m service.windows plan --json`, for `install.ps1`
    launch                           what the service and `photowarden.cmd` start
    host, hosting, event_log         the service control manager; the service itself; the Event Log

Rule: what runs before anything is installed (everything up to `launch`) imports the standard
library only, so that it runs out of the wheel file itself.
"""
