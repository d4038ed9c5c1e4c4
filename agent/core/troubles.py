# SPDX-License-Identifier: Apache-2.0
"""The closed list of troubles: what can be wrong with a computer that runs Photowarden.

A trouble is about a computer, a concern (`agent.core.concerns`) about a picture. Each carries its
code, how soon somebody must act, a sentence and a remedy. Health files, `status`, `doctor`, the
digest by mail and the diagnostics bundle choose from this list and say nothing else, so none of
them can carry a name, a path or a setting.
"""

from collections.abc import Iterable
from enum import Enum, IntEnum


class Urgency(IntEnum):
    """How soon somebody must act."""

    NOTE = 0
    """Good to know; nothing is waiting for it."""
    SOON = 1
    """Within days: it becomes worse by itself."""
    NOW = 2
    """Pictures are waiting, or nobody is watching."""


_NOTE, _SOON, _NOW = Urgency.NOTE, Urgency.SOON, Urgency.NOW


class Trouble(Enum):
    """One thing that is wrong: (code, urgency, sentence, remedy)."""

    # --- what others see of a computer ---
    STATION_SILENT = (
        "station.silent",
        _NOW,
        "A computer has not been heard of for three days or longer.",
        "Switch it on and run photowarden doctor there; if it is gone for good, retire it.",
    )
    STATION_QUIET = (
        "station.quiet",
        _SOON,
        "A computer went quiet without saying that it stops.",
        "Look whether it is switched on and reaches the storage; run photowarden doctor there.",
    )
    STATION_STOPPED = (
        "station.stopped",
        _NOTE,
        "A computer was shut down or its service stopped.",
        "Nothing needs doing unless it should be working now.",
    )
    STATION_UNHEARD = (
        "station.unheard",
        _SOON,
        "A computer was enrolled and has never been heard of.",
        "Install the service there: photowarden service install.",
    )
    STATION_UNTRUSTED = (
        "station.untrusted",
        _NOW,
        "The health file of a computer is not signed by that computer.",
        "Find out who writes to the storage; run photowarden doctor on that computer.",
    )
    STATION_AHEAD = (
        "station.ahead",
        _SOON,
        "The clock of a computer is ahead of this one.",
        "Set both clocks by the network.",
    )
    POST_UNTRUSTED = (
        "post.untrusted",
        _NOW,
        "The storage offers a computer orders that the office did not sign; none is followed.",
        "Find out who writes to the storage's inbox folder, and keep those files for the police.",
    )
    AGENT_GAP = (
        "agent.gap",
        _SOON,
        "A computer did not work for three days or longer; the ledger says from when until when.",
        "Find out why; pictures taken meanwhile may still be on cameras and cards.",
    )
    # --- the register ---
    REGISTER_MISSING = (
        "register.missing",
        _NOW,
        "A computer has no consent register: everything is held.",
        "Publish the register; if this computer is new, enrol it first.",
    )
    REGISTER_UNTRUSTED = (
        "register.untrusted",
        _NOW,
        "The consent register in the storage is not signed by the office: everything is held.",
        "Publish the register again and find out who changed the file.",
    )
    REGISTER_ROLLED_BACK = (
        "register.rolled_back",
        _NOW,
        "The storage offers an older consent register than before: everything is held.",
        "Publish the register again and find out who put the older one there.",
    )
    REGISTER_STALE = (
        "register.stale",
        _NOW,
        "The consent register has run out: everything is held.",
        "Publish the register again.",
    )
    REGISTER_ENDS = (
        "register.ends_soon",
        _SOON,
        "The consent register runs out within two weeks.",
        "Publish the register again.",
    )
    REGISTER_BEHIND = (
        "register.behind",
        _SOON,
        "A computer works with an older consent register than another one.",
        "Publish the register again; if it stays behind, enrol that computer again.",
    )
    # --- storage and disks ---
    VAULT_AWAY = (
        "vault.unavailable",
        _NOW,
        "The storage cannot be reached or written to; pictures wait sealed on this computer.",
        "Switch the file server on, check the network, the share's space and the account's rights.",
    )
    VAULT_NOT_APPROVED = (
        "vault.not_approved",
        _NOW,
        "The storage folder does not carry the marker that the office signed; nothing is stored.",
        "Set vault.path in station.toml to the approved storage.",
    )
    VAULT_MARKER_MISSING = (
        "vault.no_marker",
        _NOW,
        "The storage folder is there, but vault.json is not in it; nothing is stored.",
        "Set vault.path in station.toml to the approved storage, or mount the share again.",
    )
    DISK_LOW = (
        "disk.low",
        _SOON,
        "The disk of this computer or of the storage has less than 1 GiB free.",
        "Make room; pictures wait on cards and cameras until there is some.",
    )
    DISK_FULL = (
        "disk.full",
        _NOW,
        "The disk of this computer or of the storage is full.",
        "Make room; nothing is lost, pictures stay where they are.",
    )
    BACKLOG = (
        "backlog.waiting",
        _NOW,
        "Pictures have been waiting for the storage for more than a day.",
        "Run photowarden doctor on that computer; it names what stops them.",
    )
    ORIGINALS_BLOCKED = (
        "originals.blocked",
        _SOON,
        "Originals that are safely stored could not be deleted for more than a day.",
        "Slide the write protection of the card open, or give the service's account the right.",
    )
    # --- this computer ---
    CLOCK_UNTRUSTED = (
        "clock.untrusted",
        _NOW,
        "The clock is behind what the ledger proves, so no permission can be judged.",
        "Set the clock by the network; an empty battery on the board resets it at each start.",
    )
    DETECTOR_MISSING = (
        "detector.missing",
        _NOW,
        "Faces are to be counted and what counts them is not there: such pictures are held.",
        "Install Photowarden again from its lock file, or set count_faces in policy.toml to false.",
    )
    CHILD_BROKEN = (
        "child.broken",
        _NOW,
        "The process that opens pictures does not start or does not answer.",
        "Install Photowarden again from its lock file; look whether an antivirus stops Python.",
    )
    SELFTEST_FAILED = (
        "seal.selftest",
        _NOW,
        "The cryptography of this computer does not work; nothing is sealed.",
        "Install Photowarden again from its lock file.",
    )
    SETTINGS_MISSING = (
        "settings.missing",
        _NOW,
        "There is no site in this folder: station.toml or policy.toml cannot be read.",
        "Give the site with --site DIR or PHOTOWARDEN_SITE, or make one with photowarden init.",
    )
    SETTINGS_REFUSED = (
        "settings.refused",
        _NOW,
        "A setting in station.toml or policy.toml is not allowed.",
        "Run photowarden check: it names the file, the setting and what is allowed.",
    )
    KEY_MISSING = (
        "keys.missing",
        _NOW,
        "A key file of this computer is missing or cannot be read.",
        "Restore the keys folder from this site's backup; without one, enrol it as a new computer.",
    )
    KEY_DAMAGED = (
        "keys.refused",
        _NOW,
        "A key of this computer is damaged or of another kind.",
        "Restore the keys folder or station.toml from this site's backup.",
    )
    KEY_OPEN = (
        "keys.readable",
        _SOON,
        "A key file can be read by other accounts of this computer.",
        "Take the right to read the keys folder from everyone but the service's account.",
    )
    OFFICE_HERE = (
        "office.here",
        _NOTE,
        "The office's folder lies on this computer.",
        "Right on the office's own computer; on any other one move it away.",
    )
    IMPORT_MISSING = (
        "inbox.missing",
        _NOW,
        "An import folder of station.toml is not there.",
        "Make the folder, or correct its path in station.toml.",
    )
    IMPORT_UNREADABLE = (
        "inbox.folder_unreadable",
        _NOW,
        "An import folder, or one below it, cannot be read.",
        "Give the service's account the right to read and change the import folders.",
    )
    IMPORT_NOT_WRITABLE = (
        "inbox.not_writable",
        _NOW,
        "Originals cannot be deleted from an import folder: there is no right to write there.",
        "Give the service's account the right to change the folder, or keep originals there.",
    )
    STATE_NOT_WRITABLE = (
        "state.not_writable",
        _NOW,
        "The state folder cannot be written to.",
        "Run doctor as the service's account; give that account the right to change the folder.",
    )
    VAULT_NOT_WRITABLE = (
        "vault.not_writable",
        _NOW,
        "The storage can be read and not written to.",
        "Give the service's account the right to add files on the share.",
    )
    PLACE_REFUSED = (
        "place.refused",
        _NOW,
        "A folder lies where pictures of children must not be: synced to a cloud, or unsafe.",
        "Choose another folder in station.toml; photowarden check says which one and why.",
    )
    JOURNAL_DAMAGED = (
        "journal.damaged",
        _NOW,
        "The journal of this computer is damaged.",
        "Stop the service, copy the state folder aside, restore journal.sqlite from the backup.",
    )
    LEDGER_DAMAGED = (
        "ledger.damaged",
        _NOW,
        "The ledger of this computer is damaged.",
        "Stop the service, copy the state folder aside, restore ledger.sqlite; then run verify.",
    )
    LEDGER_DIFFERS = (
        "ledger.differs",
        _NOW,
        "The ledger of this computer is not the one that its copy in the storage promises.",
        "Stop the service and run photowarden verify; find out which of the two was changed.",
    )
    AGENT_ELSEWHERE = (
        "site.locked",
        _SOON,
        "A Photowarden that the service did not start is working on this site.",
        "Wait until it has finished or stop it: one site has one agent.",
    )
    SERVICE_ABSENT = (
        "service.absent",
        _SOON,
        "The service is not installed: nothing watches the import folders by itself.",
        "Run photowarden service install as administrator.",
    )
    SERVICE_STOPPED = (
        "service.stopped",
        _NOW,
        "The service is installed and does not run.",
        "Mend what else is named here, then run photowarden service start as administrator.",
    )
    SERVICE_MANUAL = (
        "service.manual",
        _SOON,
        "The service does not start with the computer.",
        "Run photowarden service install again as administrator.",
    )
    MAIL_UNAVAILABLE = (
        "mail.unavailable",
        _SOON,
        "The mail server could not be reached or did not take the message.",
        "Check host, port and the network; photowarden alerts test sends one message.",
    )
    MAIL_REFUSED = (
        "mail.refused",
        _SOON,
        "The mail server refused the log-in, the sender or the encryption, or a file is missing.",
        "Check user, password file, sender and certificate in the mail section of station.toml.",
    )

    def __init__(self, code: str, urgency: Urgency, sentence: str, remedy: str) -> None:
        self.code = code
        self.urgency = urgency
        self.sentence = sentence
        self.remedy = remedy

    @classmethod
    def of(cls, code: str) -> "Trouble":
        """Return the trouble with this code.

        Raises:
            ValueError: there is none.
        """
        for trouble in cls:
            if trouble.code == code:
                return trouble
        raise ValueError("a trouble that is not on the list")


def in_order(troubles: Iterable[Trouble]) -> tuple[Trouble, ...]:
    """Return troubles once each, the most urgent first, then by code."""
    return tuple(sorted(set(troubles), key=lambda trouble: (-trouble.urgency, trouble.code)))
