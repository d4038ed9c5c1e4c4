# SPDX-License-Identifier: Apache-2.0
"""Keep up with the school's other computers: bring them what people said here, read their ledgers.

A duty of the caretaker, after every act and once a minute besides. What cannot be believed of one
computer keeps none of the others from being read.
"""

from agent import elsewhere
from service.office.house import house


def keep_up() -> None:
    """Post what waits for other stations, and take in what their ledgers say.

    Raises:
        UnavailableError: the storage is away.
        IntegrityError: a station's ledger in the storage cannot be believed.
    """
    if not house().has_site:
        return
    site = house().site()
    if elsewhere.others(site):
        for fault in elsewhere.keep_up(site).values():
            raise fault
