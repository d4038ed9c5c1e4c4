# SPDX-License-Identifier: Apache-2.0
"""What every command shares: the site option, tables beside JSON, progress, errors in sentences.

Rule: what only some commands need (tables, the site's settings and keys) is imported when it is
used, so that `clean` on one picture starts as fast as it can.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from agent.core.case import Original, Record, State
from agent.core.errors import AgentError, ConfigurationError
from agent.seal import identity_file
from agent.seal.errors import SealError
from agent.seal.keys import Identity

if TYPE_CHECKING:
    from rich.console import Console

    from agent.bootstrap import Site

SITE_VARIABLE: Final = "PHOTOWARDEN_SITE"
_SYSTEM_SITES: Final = {
    "win32": Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "Photowarden",
    "darwin": Path("/Library/Application Support/Photowarden"),
}
_STYLES: Final = {"KEEP": "green", "HOLD": "yellow", "QUARANTINE": "red"}

Command = TypeVar("Command", bound=Callable[..., Any])


def site_option(command: Command) -> Command:
    """Add `--site` to a command; it may stand before or after the command's name."""
    return click.option(
        "--site",
        "site_folder",
        type=click.Path(path_type=Path, file_okay=False),
        help=f"The site's folder. Default: {SITE_VARIABLE}, else the system's own place.",
    )(command)


def json_option(command: Command) -> Command:
    """Add `--json` to a command."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")(
        command
    )


def identity_options(command: Command) -> Command:
    """Add the two options that name an identity file and its passphrase."""
    kind = click.Path(path_type=Path, dir_okay=False, exists=True)
    command = click.option(
        "--passphrase-file", type=kind, help="A file whose first line is the passphrase."
    )(command)
    return click.option(
        "--identity", type=kind, help="The identity file that opens what was sealed."
    )(command)


def chosen_folder(site_folder: Path | None) -> Path:
    """Return the site's folder: the option's, the variable's or the system's default."""
    context = click.get_current_context()
    folder = site_folder or context.find_root().params.get("site_folder")
    variable = os.environ.get(SITE_VARIABLE)
    default = _SYSTEM_SITES.get(sys.platform, Path("/var/lib/photowarden"))
    return (folder or (Path(variable) if variable else default)).absolute()


def chosen_site(site_folder: Path | None) -> "Site":
    """Load the site of the option, the variable or the system's default.

    Raises:
        ConfigurationError: there is none, or its settings are refused.
    """
    from agent.bootstrap import load_site  # noqa: PLC0415 - 0.3 s for commands with a site only

    return load_site(chosen_folder(site_folder))


@contextmanager
def as_owner(site_folder: Path) -> Iterator[None]:
    """Look with the rights of whoever owns the site's state; only an administrator can and must.

    What an administrator may do says nothing of what the service's account may do.
    """
    try:
        owner = (site_folder / "state").stat()
    except OSError:
        yield
        return
    if sys.platform == "win32" or os.geteuid() != 0 or owner.st_uid == 0:
        yield
        return
    import pwd  # noqa: PLC0415 - POSIX only

    import_module("_strptime")  # datetime imports it late, when it may not be read any more
    groups = os.getgroups()
    os.setgroups(os.getgrouplist(pwd.getpwuid(owner.st_uid).pw_name, owner.st_gid))
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def read_passphrase(file: Path) -> bytes:
    """Return the first line of a passphrase file."""
    return file.read_bytes().split(b"\n")[0].rstrip(b"\r")


def read_identity(file: Path, passphrase_file: Path | None) -> Identity:
    """Return the identity in a file, with its passphrase where it has one.

    Raises:
        ConfigurationError: it does not open.
    """
    data = file.read_bytes()
    try:
        if passphrase_file is None:
            return identity_file.parse(data.decode("ascii", "replace"))
        return identity_file.read(data, read_passphrase(passphrase_file))
    except SealError as error:
        raise ConfigurationError(
            "the identity file does not open",
            code="identity.refused",
            remedy="Check the passphrase file; the office identity needs --passphrase-file.",
        ) from error


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object on one line, in UTF-8 whatever the terminal says."""
    text = json.dumps(value, ensure_ascii=True, separators=(", ", ": "))
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; its cells are text, never markup."""
    from rich.table import Table  # noqa: PLC0415 - for people only, not for --json

    table = Table(title=title, title_justify="left", show_lines=False, expand=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(cell) for cell in row))
    console().print(table)


def console() -> "Console":
    """Return the console for people; a pipe gets a width that does not fold sentences early."""
    from rich.console import Console  # noqa: PLC0415 - for people only, not for --json

    width = None if sys.stdout.isatty() else 160
    return Console(width=width, highlight=False, markup=False, emoji=False)


def _cell(text: str) -> Any:  # noqa: ANN401 - rich takes text or markup
    from rich.text import Text  # noqa: PLC0415 - one use

    return Text("".join(c if c.isprintable() else "?" for c in text), style=_STYLES.get(text, ""))


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on the terminal, and nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console  # noqa: PLC0415 - in a terminal only
    from rich.progress import (  # noqa: PLC0415 - the same
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
    )

    screen = Console(stderr=True)
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def told(record: Record) -> dict[str, Any]:
    """Return what is told of a case, without the file that only the moment of arrival knows."""
    return {
        "case": record.case,
        "verdict": record.ruling.verdict.name,
        "concerns": [concern.code for concern in record.ruling.concerns],
        "sentence": record.ruling.sentence,
        "stored": record.state is not State.SEALED,
        "original": record.original.value,
    }


def shown_original(record: Record) -> str:
    """Return what became of the original, in a word for the table."""
    return "deleted" if record.original is Original.DELETED else "kept"


def tell_error(error: AgentError) -> None:
    """Tell a person what happened and what to do, on standard error."""
    click.echo(f"photowarden: {error}", err=True)
    click.echo(f"  code: {error.code}", err=True)
    click.echo(f"  what to do: {error.remedy}", err=True)
