# SPDX-License-Identifier: Apache-2.0
"""Commands about messages to the office: show what is due, send a test."""

from pathlib import Path

import click

from agent import alerts as messages
from agent import bootstrap
from agent.cli.common import chosen_site, json_option, print_json, site_option
from agent.core.errors import ConfigurationError


@click.group()
def alerts() -> None:
    """Messages to the office: a digest a day at most, and what must be done now at once.

    They go out where station.toml has a mail section; see docs/operations.md.
    """


@alerts.command()
@site_option
@json_option
def show(site_folder: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click
    """Print the message that is due now; nothing is sent."""
    site = chosen_site(site_folder)
    message, _ = messages.waiting(site, bootstrap.clock_of(site).now())
    if as_json:
        print_json(
            {
                "due": message is not None,
                "subject": message.subject if message else None,
                "text": message.text if message else None,
            }
        )
    elif message is None:
        click.echo("Nothing is due.")
    else:
        click.echo(f"{message.subject}\n\n{message.text}", nl=False)


@alerts.command("test")
@site_option
def send_test(site_folder: Path | None) -> None:
    """Send one message that says nothing, to see whether messages arrive."""
    site = chosen_site(site_folder)
    account = messages.account_of(site)
    if account is None:
        raise ConfigurationError(
            "station.toml has no mail section",
            code="mail.none",
            remedy="Add one; docs/operations.md has an example.",
        )
    messages.test(account, bootstrap.clock_of(site).now())
    click.echo(f"A test message went to {len(account.recipients)} recipients.")
