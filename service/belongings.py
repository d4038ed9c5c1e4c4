# SPDX-License-Identifier: Apache-2.0
"""What the service needs of a site: its folders, its program, whether it sends mail.

Pure but for looking which folders lie inside the site: the unit files of every system are written
from this one value.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from agent import bootstrap
from agent.bootstrap import Site
from service.steps import Give


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """Everything that a unit file says about one site."""

    site: Path
    program: tuple[str, ...]
    """The words that start the agent."""
    installed: tuple[Path, ...]
    """Where the interpreter and the packages lie."""
    imports: tuple[Path, ...]
    vault: Path
    mail: bool = False
    """Whether the agent may speak to a mail server; else it gets no network at all."""

    @property
    def state(self) -> Path:
        """The agent's own folder."""
        return self.site / "state"

    @property
    def office(self) -> Path:
        """The office's folder, which the agent never needs."""
        return self.site / "office"

    @property
    def written(self) -> tuple[Path, ...]:
        """The folders that the agent changes."""
        return tuple(dict.fromkeys((self.state, *self.imports, self.vault)))

    @property
    def given(self) -> tuple[Path, ...]:
        """The folders inside the site that the service's account must own."""
        inside = [path for path in self.written if self.site in path.parents]
        return (self.site / "keys", *inside)

    @property
    def elsewhere(self) -> tuple[Path, ...]:
        """The folders outside the site that an administrator must open to the account."""
        return tuple(path for path in self.written if self.site not in path.parents)


def gifts(has: Belongings, account: str) -> list[Give]:
    """Return what makes an account the owner of the site's own folders."""
    return [Give(path=path, account=account, files=path not in has.imports) for path in has.given]


def belongings_of(folder: Path) -> Belongings:
    """Return what the service needs of the site in a folder.

    Raises:
        ConfigurationError: it is not a site, or its settings are refused.
    """
    return of_site(bootstrap.load_site(folder.absolute()))


def of_site(site: Site) -> Belongings:
    """Return what the service needs of a site."""
    return Belongings(
        site=site.folder,
        program=program_of(site.folder),
        installed=tuple(dict.fromkeys((Path(sys.prefix), Path(sys.base_prefix)))),
        imports=tuple(folder.path for folder in site.import_folders),
        vault=site.vault_folder,
        mail=site.station.mail is not None,
    )


def program_of(site: Path) -> tuple[str, ...]:
    """Return the words that start the agent for a site, from this very installation."""
    return (sys.executable, "-I", "-B", "-m", "service", "--site", str(site), "run")
