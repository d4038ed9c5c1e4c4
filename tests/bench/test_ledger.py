# SPDX-License-Identifier: Apache-2.0
"""The long ledger of the bench is a real one, and what is measured is the real work."""

from itertools import islice
from pathlib import Path

from agent.adapters.ledger_copies import LedgerCopy
from agent.bench.ledger import make_ledger, measure
from agent.core.ledger import decode_entry


def test_both_ways_count_the_same_pictures_of_a_real_ledger(tmp_path: Path) -> None:
    make_ledger(tmp_path / "ledger", 600)
    for line in islice(LedgerCopy(name="x", folder=tmp_path / "ledger").lines(), 9):
        assert decode_entry(line).encoded() == line
    assert [way.pictures for way in measure(tmp_path / "ledger")] == [200, 200]
