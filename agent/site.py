# SPDX-License-Identifier: Apache-2.0
"""Make a site: the folder that holds a school's settings, keys, vault and state on one computer.

    station.toml policy.toml report.toml   settings, commented
    import/                        where pictures arrive
    vault/                         approved storage (move it to the file server; see the README)
    state/                         journal, ledger, spool, cache; private to the agent
    keys/                          this station's own keys
    office/                        the office identity (under a passphrase), its signing key, and
                                   the key of class cards

Rule: the station's part never needs a secret of the office's; what opens pictures is under a
passphrase or on paper, never in a readable file here.
"""

import base64
import secrets
import shutil
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from agent import durable
from agent.core.clues import KEY_BYTES
from agent.core.errors import ConfigurationError
from agent.core.stations import VERIFIER_NAME, Invitation, Station
from agent.core.vault_marker import MARKER, marker_text
from agent.seal import identity_file
from agent.seal.hybrid import HybridIdentity
from agent.seal.notes import Signer, sign
from agent.seal.passphrase import WORK_FACTOR
from agent.settings import POLICY_FILE, REPORT_FILE, STATION_FILE

OFFICE_IDENTITY: Final = "office/office-identity.age"
OFFICE_SIGNER: Final = "office/office-signing.key"
UNPRINTED_RECOVERY: Final = "office/recovery-identity-until-printed.age"
CARD_KEY: Final = "office/card.key"
STATION_IDENTITY: Final = "keys/station-identity.txt"
STATION_SIGNER: Final = "keys/station-signing.key"
EVIDENCE_KEY: Final = "keys/evidence.key"
SPOOL: Final = "state/spool"
JOURNAL: Final = "state/journal.sqlite"
LEDGER: Final = "state/ledger.sqlite"
DESK: Final = "state/desk.sqlite"
REGISTER_CACHE: Final = "state/register.age"
LOCK: Final = "state/agent.lock"
ALERTS: Final = "state/alerts.json"
HEALTH: Final = "state/health.note"
ELSEWHERE: Final = "office/elsewhere.sqlite"
OFFICE_STATIONS: Final = "office/stations"
_PRIVATE_FOLDERS: Final = ("state", SPOOL, "keys", "office")
_VAULT_FOLDERS: Final = ("bodies", "slips/a", "slips/b", "ledgers", "snapshots", "inbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePlan:
    """What a site is made of; `work_factor` is lower only in tests and demonstrations."""

    folder: Path
    school: str
    passphrase: bytes
    timezone: str = "Europe/London"
    rehearsal: bool = False
    settle_seconds: float = 3.0
    work_factor: int = WORK_FACTOR
    until_printed: bool = False
    """Whether the recovery identity also stays here, under the passphrase, until it is on paper."""


def new_id() -> str:
    """Return 128 random bits as 26 letters and digits."""
    return base64.b32encode(secrets.token_bytes(16)).decode("ascii").lower()[:26]


def new_key() -> bytes:
    """Return 256 random bits as the line of a key file."""
    return key_line(secrets.token_bytes(KEY_BYTES))


def key_line(key: bytes) -> bytes:
    """Return a key as the line of a key file."""
    return key.hex().encode("ascii") + b"\n"


def create_site(plan: SitePlan) -> HybridIdentity:
    """Make a site in an empty or new folder, and return the recovery identity.

    It is kept nowhere, unless the plan says `until_printed`. `station.toml` comes last: while it is
    not there, nothing can have been sealed to these keys.

    Raises:
        ConfigurationError: the folder is not empty.
    """
    folder = plan.folder
    refuse_a_full(folder)
    for name in _PRIVATE_FOLDERS:
        (folder / name).mkdir(parents=True, mode=0o700, exist_ok=name == "office")
    (folder / "import").mkdir()
    office, recovery, station = (HybridIdentity.generate() for _ in range(3))
    office_signer = Signer.generate("photowarden.office")
    station_id, vault_id = new_id(), new_id()
    station_signer = Signer.generate(f"{VERIFIER_NAME}{station_id}")
    _write_keys(plan, office, station, (office_signer, station_signer))
    if plan.until_printed:
        kept = identity_file.write(recovery, plan.passphrase, plan.work_factor)
        durable.write_new(folder / UNPRINTED_RECOVERY, [kept], private=True)
    _make_vault(folder / "vault", vault_id, office_signer)
    settings = _STATION_TOML.format(
        school=_quoted(plan.school),
        station=station_id,
        timezone=plan.timezone,
        settle_seconds=float(plan.settle_seconds),
        rehearsal=str(plan.rehearsal).lower(),
        vault_path=_quoted("vault"),
        vault_id=vault_id,
        office=office.recipient(),
        recovery=recovery.recipient(),
        office_verifier=office_signer.verifier(),
        station_verifier=station_signer.verifier(),
    )
    policy = files("config").joinpath(POLICY_FILE).read_bytes()
    durable.write_new(folder / POLICY_FILE, [policy])
    report = files("config").joinpath(REPORT_FILE).read_bytes()
    durable.write_new(folder / REPORT_FILE, [report])
    durable.write_new(folder / STATION_FILE, [settings.encode("utf-8")])
    return recovery


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinPlan:
    """What another station of a school is made of: the office's invitation and its own keys."""

    folder: Path
    invitation: Invitation
    vault: str
    """Where this computer reaches the vault."""
    rehearsal: bool = False
    settle_seconds: float = 3.0


def join_site(plan: JoinPlan) -> tuple[Station, Signer]:
    """Make a site on an existing vault, with keys of its own and no folder of the office.

    Raises:
        ConfigurationError: the folder is not empty.
    """
    folder, invitation = plan.folder, plan.invitation
    refuse_a_full(folder)
    for name in ("state", SPOOL, "keys"):
        (folder / name).mkdir(parents=True, mode=0o700)
    (folder / "import").mkdir()
    identity, station_id = HybridIdentity.generate(), new_id()
    signer = Signer.generate(f"{VERIFIER_NAME}{station_id}")
    for name, content in _station_secrets(identity, signer).items():
        durable.write_new(folder / name, [content], private=True)
    settings = _STATION_TOML.format(
        school=_quoted(invitation.school),
        station=station_id,
        timezone=invitation.timezone,
        settle_seconds=float(plan.settle_seconds),
        rehearsal=str(plan.rehearsal).lower(),
        vault_path=_quoted(plan.vault),
        vault_id=invitation.vault,
        office=invitation.office,
        recovery=invitation.recovery,
        office_verifier=invitation.office_verifier,
        station_verifier=signer.verifier(),
    )
    durable.write_new(folder / POLICY_FILE, [invitation.policy.encode("utf-8")])
    durable.write_new(folder / STATION_FILE, [settings.encode("utf-8")])
    station = Station(
        id=station_id, recipient=str(identity.recipient()), verifier=str(signer.verifier())
    )
    return station, signer


def refuse_a_full(folder: Path) -> None:
    """Refuse a folder with anything in it but what a console puts there before keys are made.

    Raises:
        ConfigurationError: there is something else.
    """
    if folder.exists() and (not folder.is_dir() or not all(map(_is_consoles, folder.iterdir()))):
        raise ConfigurationError(
            "the folder for the site is not empty",
            code="site.not_empty",
            remedy="Choose a folder that does not exist yet, or an empty one.",
        )


def unmake_half_made(folder: Path) -> None:
    """Remove what an interrupted making of a site left, so that it can be made from the start.

    Nothing was sealed to its keys: `station.toml`, the last file of a making, is not there. A
    console's own files stay.

    Raises:
        ConfigurationError: the site is whole, or somebody has put something into it.
    """
    vault, arrivals = folder / "vault", folder / "import"
    used = [path for path in vault.rglob("*") if path.is_file() and path.name != MARKER]
    if (folder / STATION_FILE).exists() or used or (arrivals.is_dir() and any(arrivals.iterdir())):
        raise ConfigurationError(
            "the folder for the site holds something already",
            code="site.not_empty",
            remedy="Move what lies in its folders import and vault away, and try again.",
        )
    for name in ("state", "keys", "import", "vault"):
        shutil.rmtree(folder / name, ignore_errors=True)
    made = (OFFICE_IDENTITY, OFFICE_SIGNER, UNPRINTED_RECOVERY, CARD_KEY, POLICY_FILE, REPORT_FILE)
    for name in made:
        (folder / name).unlink(missing_ok=True)
        durable.forget_parts(folder / name)


def _is_consoles(path: Path) -> bool:
    if path.name == "office" and path.is_dir():
        return all(inner.name.startswith("console") for inner in path.iterdir())
    return path.name == "office.toml"


def _station_secrets(identity: HybridIdentity, signer: Signer) -> dict[str, bytes]:
    """Return the key files of a station."""
    return {
        STATION_IDENTITY: f"# opens this station's register\n{identity.text()}\n".encode(),
        STATION_SIGNER: f"{signer.text()}\n".encode(),
        EVIDENCE_KEY: new_key(),
    }


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner can read."""
    durable.write_new(path, [content], private=True)


def _write_keys(
    plan: SitePlan,
    office: HybridIdentity,
    station: HybridIdentity,
    signers: tuple[Signer, Signer],
) -> None:
    """Write every key that stays, readable by its owner only."""
    secret_files = {
        OFFICE_IDENTITY: identity_file.write(office, plan.passphrase, plan.work_factor),
        OFFICE_SIGNER: f"{signers[0].text()}\n".encode(),
        **_station_secrets(station, signers[1]),
        CARD_KEY: new_key(),
    }
    for name, content in secret_files.items():
        durable.write_new(plan.folder / name, [content], private=True)


def _make_vault(root: Path, vault_id: str, office: Signer) -> None:
    """Make an empty vault with its signed marker."""
    for name in _VAULT_FOLDERS:
        (root / name).mkdir(parents=True)
    durable.write_new(root / MARKER, [sign(marker_text(vault_id), office)])


def _quoted(text: str) -> str:
    """Return a text as a TOML basic string.

    Raises:
        ConfigurationError: it has control characters.
    """
    if not text.strip() or not text.isprintable():
        raise ConfigurationError(
            "the school's name is empty or has unprintable characters",
            code="site.school_name",
            remedy="Give the name as it is written on the school's letters.",
        )
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_STATION_TOML: Final = """\
# One school computer that runs Photowarden. Paths may be relative to this folder.

school = {school}

# The opaque id of this computer in ledgers and in the vault. Never copy it to another one.
station = "{station}"

# The zone whose calendar days count for permissions.
timezone = "{timezone}"

# A file is taken when nothing about it has changed for this many seconds.
settle_seconds = {settle_seconds}

# How often the import folders are looked at, whatever the system reports in between.
scan_seconds = 60.0

# How many hours a sealed copy stays on this computer after it was stored, in case the storage
# said "written" too early. It goes after a second read-back.
spool_hours = 24

# true only for demonstrations: the vault may then stand in a personal profile.
rehearsal = {rehearsal}

# One section for each folder that cameras and iPads are copied into. `originals` is what happens
# to a file once its sealed copy was read back and recorded: "delete" or "keep".
# Damaged files always stay. Where only one device's pictures come to a folder (a camera's card that
# is always read at one place), `device = "camera-1"` says so, as that device's own folder would.
[[import]]
path = "import"
originals = "delete"

# The approved storage. It counts only if its signed marker has this id.
[vault]
path = {vault_path}
id = "{vault_id}"

# Public keys only. `office` and `recovery` are whom every picture is sealed to.
[keys]
office = "{office}"
recovery = "{recovery}"
office_verifier = "{office_verifier}"
station_verifier = "{station_verifier}"

# Messages to the office: what is wrong, in codes and counts, once a day at most and at once where
# pictures wait. On one computer of the school is enough. Without this section none are sent.
#
# [mail]
# host = "mail.school.example"
# port = 587
# security = "starttls"          # or "tls", usually port 465; never in clear
# user = "photowarden"
# password_file = "keys/mail-password"
# sender = "photowarden@school.example"
# recipients = ["office@school.example"]
"""
