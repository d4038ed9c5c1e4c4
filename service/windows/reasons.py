# SPDX-License-Identifier: Apache-2.0
"""Why an installation refuses: code, exit code, sentence, remedy; the list in docs/deployment.md.

The exit codes are those that Intune, Configuration Manager and Group Policy know: 0 done, 5 no
rights, 87 wrong parameter, 1603 failed, 1604 unfinished data, 1605 not installed, 1618 busy (they
try again), 1638 a newer version is there.

Boundary: pure; no personal data in any sentence.
"""

from dataclasses import dataclass
from typing import Final

DONE: Final = 0
NOT_DETECTED: Final = 1
NO_RIGHTS: Final = 5
WRONG_PARAMETER: Final = 87
FAILED: Final = 1603
UNFINISHED: Final = 1604
NOT_INSTALLED: Final = 1605
BUSY: Final = 1618
NEWER: Final = 1638


@dataclass(frozen=True, slots=True)
class Reason:
    """One refusal; `{}` in the sentence takes what was found."""

    exit: int
    sentence: str
    remedy: str


REASONS: Final = {
    "rights.missing": Reason(
        NO_RIGHTS,
        "this account may not install programs",
        "Start it from a PowerShell that was opened with 'Run as administrator', or as SYSTEM.",
    ),
    "machine.installing": Reason(
        BUSY,
        "another installation of Photowarden is running",
        "Wait for it. One that was cut short counts no longer after an hour.",
    ),
    "machine.busy": Reason(
        BUSY,
        "the service is just starting or stopping",
        "Try again in a minute.",
    ),
    "windows.too_old": Reason(
        FAILED,
        "Windows build {} is too old; build 17763 (1809) or newer is needed",
        "Update Windows.",
    ),
    "python.too_old": Reason(
        WRONG_PARAMETER,
        "Python {} is too old; 3.11 or newer is needed",
        "Install Python from python.org for all users, 64-bit.",
    ),
    "python.32_bit": Reason(
        WRONG_PARAMETER,
        "this Python is a 32-bit program",
        "Install the 64-bit Python from python.org for all users.",
    ),
    "python.one_person": Reason(
        WRONG_PARAMETER,
        "this Python lies in one person's profile or the Store's folder: a service cannot use it",
        "Install Python from python.org with 'Install for all users'.",
    ),
    "python.virtual": Reason(
        WRONG_PARAMETER,
        "this Python is a virtual environment, whose python.exe only starts another one",
        "Give the python.exe of the installation itself.",
    ),
    "python.signature": Reason(
        WRONG_PARAMETER,
        "the signature of this python.exe does not hold ({})",
        "Install Python from python.org again.",
    ),
    "package.missing": Reason(
        WRONG_PARAMETER,
        "the folder of install.ps1 holds no release: {} is not there",
        "Make the release folder with `python -m service.windows bundle`, and install from it.",
    ),
    "package.other_python": Reason(
        WRONG_PARAMETER,
        "the wheel folder is for another Python than {}",
        "Install the Python that the release folder was made for, or make the folder again.",
    ),
    "disk.full": Reason(
        FAILED,
        "there is too little room for the program: {} MB are free, 1000 MB are needed",
        "Make room on the system's disk.",
    ),
    "version.newer": Reason(
        NEWER,
        "version {} is installed, which is newer: its records may be ones this version cannot read",
        "Nothing to do. To go back, uninstall first and restore the site's backup of that time.",
    ),
    "version.absent": Reason(
        NOT_INSTALLED,
        "Photowarden is not installed here",
        "Use -Install.",
    ),
    "data.foreign": Reason(
        FAILED,
        "the folder for the site was there before, and made by somebody who is no administrator",
        "Look at what is in it, then delete it or have an administrator take it over.",
    ),
    "place.mapped_drive": Reason(
        FAILED,
        "station.toml names a drive letter of a network drive, which a service does not have",
        "Write the server's own path, \\\\server\\share\\folder, in station.toml.",
    ),
    "data.unreadable": Reason(
        UNFINISHED,
        "the journal cannot be read, so nobody can say what is unfinished",
        "Run `photowarden status`, then `photowarden verify`. Nothing was deleted.",
    ),
    "data.unfinished": Reason(
        UNFINISHED,
        "{} pictures or recordings wait, or were not read back from the storage a second time yet",
        "Connect the storage and run `photowarden process`; sealed copies stay for `spool_hours` "
        "after they were stored. Nothing was deleted.",
    ),
    "data.vault_inside": Reason(
        UNFINISHED,
        "the approved storage lies in the site's folder on this computer",
        "Move it to the file server first, see docs/deployment.md. Nothing was deleted.",
    ),
    "data.office_keys": Reason(
        UNFINISHED,
        "the office's keys lie in the site's folder: without them no picture can be opened again",
        "Move the folder `office` to the office's computer first. Nothing was deleted.",
    ),
}
