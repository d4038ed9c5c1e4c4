# SPDX-License-Identifier: Apache-2.0
"""The daemon decides again by itself when the register has changed; nobody has to ask it."""

from datetime import date

from agent import bootstrap, daemon
from agent.core.concerns import Verdict
from agent.demo import school
from tests.site.conftest import School, picture


def test_a_withdrawal_holds_what_is_stored_in_the_next_round(a_school: School) -> None:
    a_school.drop("camera-1/3B/1.JPG", picture())
    (line,) = a_school.process().values()
    assert line["verdict"] == "KEEP"
    rows = school.register_rows(date.today())
    for row in rows:
        if row.get("person") == "P02" and row.get("says") == "yes":
            row["says"] = "withdrawn"
    assert a_school.publish(rows).code == 0
    site = bootstrap.load_site(a_school.folder)
    with bootstrap.open_ports(site) as (ports, clock):
        daemon._round(ports, clock, site)
        record = ports.journal.find(line["case"])
        assert record is not None
        assert record.ruling.verdict is Verdict.HOLD
        review = ports.journal.reviewed()
        assert review is not None
        assert review.ended
    assert a_school.run("verify").code == 0
