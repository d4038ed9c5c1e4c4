# SPDX-License-Identifier: Apache-2.0
"""The service's files: what they say, that systemd understands them, what an installation does."""

import os
import plistlib
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from agent.core.errors import ConfigurationError, UnavailableError
from service.belongings import Belongings
from service.hosts import Host, Standing
from service.launchd.host import LaunchdHost
from service.launchd.plist import LABEL, free_number, plist_text
from service.steps import Give, carry_out
from service.systemd.host import SystemdHost
from service.systemd.unit import UNIT, account_text, unit_text
from tests.site.conftest import School

HAS = Belongings(
    site=Path("/srv/photowarden"),
    program=("/usr/bin/python3", "-I", "-B", "-m", "service", "--site", "/srv/photowarden", "run"),
    installed=(Path("/usr"),),
    imports=(Path("/srv/photowarden/import"), Path("/media/cards")),
    vault=Path("/mnt/vault"),
)
HOME = Path("/", "home", "office")
EXPOSURE = 1.0
"""The most that `systemd-analyze security` may say; 10 is an ordinary service."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is absent"
)


def analyse(tmp_path: Path, has: Belongings, *words: str) -> "subprocess.CompletedProcess[str]":
    unit = tmp_path / UNIT
    unit.write_text(unit_text(has, "photowarden"))
    return subprocess.run(
        ["systemd-analyze", *words, str(unit)], capture_output=True, text=True, check=False
    )


STRANGE = [
    HAS,
    replace(HAS, mail=True),
    replace(HAS, site=HOME / "site", vault=HOME / "vault"),
    replace(HAS, site=Path('/srv/the school\'s $HOME 100% "site"\\x'), imports=(Path("/a b"),)),
]


@needs_systemd
@pytest.mark.parametrize("has", STRANGE, ids=["plain", "mail", "home", "strange names"])
def test_systemd_understands_the_unit(has: Belongings, tmp_path: Path) -> None:
    done = analyse(tmp_path, has, "verify")
    assert (done.returncode, done.stderr.strip()) == (0, "")


@needs_systemd
def test_the_check_sees_a_word_that_systemd_does_not_know(tmp_path: Path) -> None:
    unit = tmp_path / UNIT
    unit.write_text(unit_text(HAS, "photowarden").replace("PrivateTmp=", "PrivatTmp="))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert "PrivatTmp" in done.stderr


@needs_systemd
@pytest.mark.parametrize("mail", [False, True])
def test_the_unit_exposes_little(mail: bool, tmp_path: Path) -> None:
    done = analyse(tmp_path, replace(HAS, mail=mail), "security", "--offline=true", "--no-pager")
    found = re.search(r"exposure level for .*: ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout + done.stderr
    assert float(found[1]) <= EXPOSURE + 0.5 * mail


def test_without_a_mail_server_there_is_no_network() -> None:
    alone, mailing = unit_text(HAS, "x"), unit_text(replace(HAS, mail=True), "x")
    assert "PrivateNetwork=yes" in alone
    assert "AF_INET" not in alone
    assert "PrivateNetwork" not in mailing


def test_only_the_agents_folders_can_be_changed() -> None:
    text = unit_text(HAS, "x")
    (written,) = re.findall(r"^ReadWritePaths=(.*)$", text, re.MULTILINE)
    assert written.split() == [
        "-/srv/photowarden/state",
        "-/srv/photowarden/import",
        "-/media/cards",
        "-/mnt/vault",
    ]
    assert "InaccessiblePaths=-/srv/photowarden/office" in text
    assert "ProtectHome=yes" in text


def test_a_site_in_a_home_is_the_only_thing_seen_of_it() -> None:
    text = unit_text(replace(HAS, site=HOME / "site"), "x")
    assert "ProtectHome=tmpfs" in text
    assert f"BindReadOnlyPaths=-{HOME / 'site'}" in text
    assert f"BindPaths=-{HOME / 'site' / 'state'}" in text


def test_a_path_with_a_line_end_makes_no_unit() -> None:
    with pytest.raises(ConfigurationError, match="cannot be given"):
        unit_text(replace(HAS, vault=Path("/mnt/x\nExecStart=/bin/sh")), "x")


def test_the_account_has_no_shell_and_no_home() -> None:
    assert account_text("photowarden") == 'u photowarden - "Photowarden service" - -\n'


def test_the_property_list_says_what_launchd_needs() -> None:
    plain = plistlib.loads(plist_text(HAS, "_photowarden").encode())
    assert plain["ProgramArguments"] == list(HAS.program)
    assert plain["UserName"] == "_photowarden"
    assert plain["KeepAlive"] == {"SuccessfulExit": False}
    assert plain["HardResourceLimits"]["Core"] == 0
    assert plain["Umask"] == 0o077


def test_a_role_account_gets_a_free_number() -> None:
    assert free_number("root 0\n_spotlight 89\n_a 399\n_b 398\n") == 397
    with pytest.raises(ValueError, match="free"):
        free_number("\n".join(f"_x{n} {n}" for n in range(200, 400)))


@dataclass
class Tools:
    """Stand in for the system's tools: note each call, answer what a test says."""

    calls: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    fails: str = "nothing"

    def __call__(self, words: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        text = " ".join(words)
        self.calls.append(text)
        answer = next((self.answers[k] for k in self.answers if text.startswith(k)), "")
        code = 1 if text.startswith(self.fails) else 0
        return subprocess.CompletedProcess(list(words), code, answer, "Access denied\n")


ACTIVE = (
    "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nUser=nobody\nExecMainStatus=0\n"
)
PRINTED = "system = {\n\tstate = running\n\tusername = nobody\n\tlast exit code = 2\n}\n"


def systemd(tools: Tools, tmp_path: Path) -> SystemdHost:
    return SystemdHost("nobody", tools, tmp_path / "etc")


def launchd(tools: Tools, tmp_path: Path) -> LaunchdHost:
    return LaunchdHost("nobody", tools, tmp_path / "daemons")


HOSTS = pytest.mark.parametrize(
    ("host", "answers"),
    [(systemd, {"systemctl show": ACTIVE}), (launchd, {"launchctl print": PRINTED})],
)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give files")
@HOSTS
def test_an_installation_does_what_the_dry_run_told(
    host: type[Host], answers: dict[str, str], a_school: School, tmp_path: Path
) -> None:
    tools = Tools(answers=answers)
    kept = host(tools, tmp_path)
    told = kept.explain(a_school.folder)
    files = set(tmp_path.rglob("*"))
    assert tools.calls == []
    kept.install(a_school.folder)
    (written,) = {path for path in set(tmp_path.rglob("*")) - files if path.is_file()}
    assert f"Write {written}." in told
    assert [f"Call {call}." for call in tools.calls] == [t for t in told if t.startswith("Call")]
    for name in ("keys/station-signing.key", "state/ledger.sqlite", "vault/vault.json"):
        assert (a_school.folder / name).stat().st_uid == 65534, name
    assert (a_school.folder / "office" / "office-signing.key").stat().st_uid == 0


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give files")
@HOSTS
def test_a_service_is_installed_started_stopped_and_removed(
    host: type[Host], answers: dict[str, str], a_school: School, tmp_path: Path
) -> None:
    tools = Tools(answers=answers)
    kept = host(tools, tmp_path)
    kept.install(a_school.folder)
    kept.start()
    found = kept.status()
    assert (found.standing, found.at_boot, found.account) == (Standing.RUNNING, True, "nobody")
    with pytest.raises(UnavailableError, match="did not stop"):
        kept.stop()
    tools.answers = {}
    kept.stop()
    kept.uninstall()
    assert kept.status().standing is Standing.ABSENT
    assert not list(tmp_path.rglob("*.service")) + list(tmp_path.rglob("*.plist"))
    with pytest.raises(ConfigurationError, match="not installed"):
        kept.start()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give files")
def test_giving_a_folder_follows_no_link_and_leaves_other_peoples_files(tmp_path: Path) -> None:
    """Whoever may write into an import folder must not get a file elsewhere given away."""
    elsewhere, given = tmp_path / "elsewhere", tmp_path / "import"
    (given / "inner").mkdir(parents=True)
    elsewhere.mkdir()
    secret = elsewhere / "secret"
    secret.write_text("of somebody else")
    (given / "link").symlink_to(elsewhere)
    (given / "file-link").symlink_to(secret)
    os.link(secret, given / "second name")
    carry_out([Give(path=given, account="nobody", files=False)])
    assert (secret.stat().st_uid, elsewhere.stat().st_uid) == (0, 0)
    assert {given.stat().st_uid, (given / "inner").stat().st_uid} == {65534}


def test_a_refusal_of_the_system_is_told(tmp_path: Path) -> None:
    tools = Tools(fails="systemctl daemon-reload")
    with pytest.raises(ConfigurationError, match="Access denied"):
        systemd(tools, tmp_path).uninstall()


def test_a_service_that_ends_at_once_is_told(tmp_path: Path) -> None:
    ended = ACTIVE.replace("=active", "=failed").replace("MainStatus=0", "MainStatus=2")
    kept = systemd(Tools(answers={"systemctl show": ended}), tmp_path)
    assert (kept.status().standing, kept.status().exit_code) == (Standing.STOPPED, 2)
    with pytest.raises(UnavailableError, match="did not stay up"):
        kept.start()


def test_launchd_makes_its_account_once(a_school: School, tmp_path: Path) -> None:
    kept = LaunchdHost(run=Tools(fails="id -u"), folder=tmp_path / "daemons")
    assert any(
        "sysadminctl -addUser _photowarden" in told for told in kept.explain(a_school.folder)
    )
    kept = LaunchdHost(run=Tools(), folder=tmp_path / "daemons")
    assert not any("sysadminctl" in told for told in kept.explain(a_school.folder))


def test_the_command_tells_what_it_would_do(a_school: School) -> None:
    done = a_school.run("service", "install", "--dry-run", "--json")
    assert done.code == 0, done.err
    assert any(UNIT in step or LABEL in step for step in done.lines[0]["steps"])


def test_a_service_that_is_not_there_has_exit_code_3(a_school: School) -> None:
    done = a_school.run("service", "status", "--json")
    assert done.code == (3 if shutil.which("systemctl") else 2), done.err
