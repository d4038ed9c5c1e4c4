# SPDX-License-Identifier: Apache-2.0
"""List the held pictures that the school should think of erasing; this command erases nothing."""

from pathlib import Path

import click

from agent import bootstrap
from agent.cli.common import chosen_site, json_option, print_json, print_table, site_option
from agent.core.disposal import disposal, held_since
from agent.core.errors import ConfigurationError
from agent.freezing import is_frozen


@click.command()
@site_option
@json_option
def dispose(site_folder: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click
    """List what has been held for longer than the policy's `held_days`, and erase nothing.

    Two people decide about each one, the office and the head. What is frozen is passed over, and
    said to be.
    """
    site = chosen_site(site_folder)
    with bootstrap.open_looking(site) as known:
        moment, days = known.clock.now(), site.policy_settings.held_days
        if not moment.trusted:
            raise ConfigurationError(
                "the clock of this computer cannot be right, so nothing is proposed",
                code="clock.untrusted",
                remedy="Set the computer's date and time; then try again.",
            )
        records = {record.case: record for record in known.journal.all()}
        found = disposal(
            records.values(), lambda r: is_frozen(known, r.case, r.group), moment, days
        )
    listed = [(case, False) for case in found.proposed] + [(case, True) for case in found.frozen]
    if as_json:
        for case, frozen in listed:
            since = held_since(records[case]).isoformat()
            print_json({"case": case, "held_since": since, "frozen": frozen})
        return
    rows = [
        (
            case,
            f"{held_since(records[case]):%Y-%m-%d}",
            records[case].ruling.sentence,
            "frozen: passed over" if frozen else "proposed",
        )
        for case, frozen in listed
    ]
    title = f"Held for {days} days and longer" if days else "The policy sets no held_days"
    print_table(title, ("case", "held since", "why", "what now"), rows)
