# SPDX-License-Identifier: Apache-2.0
"""Who may do what in the site's folders: words for `icacls.exe`, by security id.

Security ids and never names: "Administrators" is called otherwise on a Welsh or German Windows. The
data folder of Windows lets everybody make files, so inheritance is cut first. The service may
change its state and take pictures away; it may read settings and keys; it never reaches the
office's keys. Everybody may put pictures into an import folder; what lies there only the one who
put it there, the service and administrators may read.

Boundary: pure. The letters are those of icacls: F full, M modify, RX read; RD X RA REA RC S list
a folder, WD AD put files and folders in; (OI)(CI) inherited by files and folders, (IO) only so.
"""

from collections.abc import Iterable, Iterator
from pathlib import PureWindowsPath

from service.windows.layout import ADMINISTRATORS, CREATOR, SERVICE, SYSTEM, USERS, service_sid

Rights = tuple[PureWindowsPath, tuple[str, ...]]

_ALL = "(OI)(CI)F"
_CHANGE = "(OI)(CI)M"
_READ = "(OI)(CI)RX"
_DROP = "(CI)(RD,X,RA,REA,RC,S,WD,AD)"
_OWN = "(OI)(CI)(IO)M"


def site_rights(site: PureWindowsPath, imports: Iterable[PureWindowsPath]) -> Iterator[Rights]:
    """Yield folder and icacls words, parents before children; every folder must be there."""
    service = service_sid(SERVICE)
    yield site, _only({SYSTEM: _ALL, ADMINISTRATORS: _ALL, service: _READ})
    yield site / "state", _only({SYSTEM: _ALL, ADMINISTRATORS: _ALL, service: _CHANGE})
    yield site / "office", _only({SYSTEM: _ALL, ADMINISTRATORS: _ALL})
    for folder in imports:
        if site in folder.parents:
            people = {USERS: _DROP, CREATOR: _OWN}
            rights = {SYSTEM: _ALL, ADMINISTRATORS: _ALL, service: _CHANGE, **people}
            yield folder, _only(rights)
        else:
            yield folder, ("/grant:r", f"*{service}:{_CHANGE}")


def vault_rights(vault: PureWindowsPath) -> Rights:
    """Return folder and icacls words for a vault on a disk of this computer."""
    return vault, ("/grant:r", f"*{service_sid(SERVICE)}:{_CHANGE}")


def owner_words() -> tuple[str, ...]:
    """Return the icacls words that make administrators the owner, of everything below too."""
    return ("/setowner", f"*{ADMINISTRATORS}", "/T", "/Q")


def _only(rights: dict[str, str]) -> tuple[str, ...]:
    """Return words that cut inheritance and give these rights and no others."""
    return ("/inheritance:r", "/grant:r", *(f"*{sid}:{right}" for sid, right in rights.items()))
