# SPDX-License-Identifier: Apache-2.0
"""Plans for fresh, older, newer, half-installed and busy machines; what each refusal says."""

import json
from dataclasses import replace
from pathlib import PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.windows.facts import Machine, Service, SiteFacts, Verb, Wish
from service.windows.layout import service_sid
from service.windows.planning import plan, state_of, version_key
from service.windows.reasons import REASONS
from service.windows.steps import MakeFolder, Plan, Run, Step, StopService, WriteText
from tests.shared import REPOSITORY
from tests.windows.machines import A_SITE, PROGRAM, SITE, fresh, package, python, serving, wish


def kinds(steps: tuple[Step, ...]) -> list[str]:
    return [step.do for step in steps]


def index_of(decided: Plan, kind: type[Step], word: str = "") -> int:
    found = (
        number
        for number, step in enumerate(decided.steps)
        if isinstance(step, kind) and word in str(step)
    )
    return next(found)


def lines_of(steps: tuple[Step, ...], file: str) -> list[tuple[str, ...]]:
    return [s.lines for s in steps if isinstance(s, WriteText) and s.path.endswith(file)]


@pytest.mark.parametrize(
    ("machine", "state"),
    [
        (fresh(), "fresh"),
        (serving(), "same"),
        (serving("0.0.9"), "older"),
        (serving("0.2.0"), "newer"),
        (serving(folders={"0.1.0-1": False}), "half_installed"),
        (serving(current=None), "half_installed"),
        (fresh(folders={"0.1.0-1": False}), "half_installed"),
        (fresh(service=Service.STOPPED), "half_installed"),
        (fresh(registered="0.1.0"), "half_installed"),
        (serving(registered=None), "unregistered"),
        (serving(service=Service.ABSENT), "unregistered"),
        (serving(service=Service.ABSENT, site=SiteFacts()), "same"),
    ],
)
def test_the_state_of_a_machine_is_known(machine: Machine, state: str) -> None:
    assert state_of(machine, "0.1.0") == state


def test_a_fresh_machine_without_a_site_gets_the_program_and_no_service() -> None:
    decided = plan(fresh(), wish())
    assert (decided.state, decided.code, decided.exit) == ("fresh", "install.no_site", 0)
    assert "start_service" not in kinds(decided.steps)
    assert "photowarden init" in decided.remedy


def test_a_fresh_machine_with_a_site_gets_a_service_that_runs() -> None:
    decided = plan(fresh(site=A_SITE), wish())
    assert decided.code == "install.done"
    assert kinds(decided.steps)[-2:] == ["start_service", "set_registry"]


def test_the_old_version_runs_until_the_new_one_is_whole() -> None:
    decided = plan(serving("0.0.9"), wish())
    stop, whole = index_of(decided, StopService), index_of(decided, WriteText, "installed.txt")
    assert whole < stop == decided.back_from
    assert all(step.do != "stop_service" for step in decided.steps[:stop])


def test_nothing_is_laid_into_a_folder_that_is_there() -> None:
    machine = serving("0.0.9", folders={"0.0.9-1": True, "0.1.0-1": True})
    decided = plan(machine, wish())
    assert lines_of(decided.steps, "current.txt") == [("0.1.0-2",)]


def test_a_version_that_fails_is_taken_back_to_the_one_that_ran() -> None:
    decided = plan(serving("0.0.9"), wish())
    assert lines_of(decided.back, "current.txt") == [("0.0.9-1",)]
    assert kinds(decided.back)[-2:] == ["start_service", "remove_folder"]


def test_the_way_back_is_the_python_that_the_old_version_was_laid_for() -> None:
    old = PureWindowsPath(r"C:\Program Files\Python310\python.exe")
    decided = plan(serving("0.0.9", current_python=old), wish())
    (registered,) = (s for s in decided.back if isinstance(s, Run))
    assert registered.program == str(old)
    assert str(old) in lines_of(decided.back, "photowarden.cmd")[0][1]


def test_an_installation_that_was_cut_short_does_not_block_for_ever() -> None:
    decided = plan(serving("0.0.9", stale_lock=True), wish())
    assert kinds(decided.steps)[:3] == ["make_folder", "remove_file", "take_lock"]


def test_a_whole_version_says_its_python() -> None:
    ((version, program),) = lines_of(plan(fresh(), wish()).steps, "installed.txt")
    assert (version, program) == ("0.1.0", str(python().path))


def test_a_first_installation_that_fails_leaves_no_service_and_no_switch() -> None:
    decided = plan(fresh(site=A_SITE), wish())
    assert kinds(decided.back) == ["stop_service", "run", "remove_file", "remove_folder"]


def test_half_made_versions_are_removed_first() -> None:
    decided = plan(serving("0.0.9", folders={"0.0.9-1": True, "0.1.0-1": False}), wish())
    assert index_of(decided, type(decided.steps[2]), "0.1.0-1") == 2
    assert decided.steps[2].do == "remove_folder"


def test_the_version_before_stays_and_older_ones_go() -> None:
    machine = serving("0.0.9", folders={"0.0.8-1": True, "0.0.9-1": True})
    removed = [s for s in plan(machine, wish()).steps if s.do == "remove_folder"]
    assert [PureWindowsPath(s.target).name for s in removed] == ["0.0.8-1"]


def test_a_machine_whose_site_came_later_gets_its_service_without_a_new_version() -> None:
    decided = plan(serving(service=Service.ABSENT), wish())
    assert not any(isinstance(s, Run) and "pip" in s.arguments for s in decided.steps)
    assert kinds(decided.steps)[-2:] == ["start_service", "set_registry"]
    assert "remove_folder" not in kinds(decided.back)


def test_what_is_there_already_changes_nothing() -> None:
    decided = plan(serving(), wish())
    assert (decided.code, decided.exit, decided.steps) == ("version.same", 0, ())


def test_a_repair_lays_the_same_version_anew() -> None:
    decided = plan(serving(), wish(Verb.REPAIR))
    assert lines_of(decided.steps, "current.txt") == [("0.1.0-2",)]


def test_packages_come_by_their_digests_and_offline_from_the_folder() -> None:
    pips = [s for s in plan(fresh(), wish()).steps if isinstance(s, Run) and "pip" in s.arguments]
    assert len(pips) == 2
    assert all({"--require-hashes", "--no-index"} <= set(s.arguments) for s in pips)


def test_without_a_wheel_folder_the_index_is_asked_by_digest_and_never_for_our_own_wheel() -> None:
    decided = plan(fresh(), wish(package=package(wheels=None, tags=frozenset())))
    theirs, ours = (s for s in decided.steps if isinstance(s, Run) and "pip" in s.arguments)
    assert "--no-index" not in theirs.arguments
    assert {"--no-index", "--require-hashes", "--no-deps"} <= set(ours.arguments)


def test_another_installation_is_kept_out_first_and_let_in_last() -> None:
    decided = plan(serving("0.0.9"), wish())
    assert kinds(decided.steps)[:2] == ["make_folder", "take_lock"]
    assert [PureWindowsPath(s.target).name for s in decided.afterwards] == ["installing.txt"]


REFUSED = {
    "rights.missing": (fresh(administrator=False), wish()),
    "machine.installing": (serving("0.0.9", locked=True), wish()),
    "machine.busy": (serving("0.0.9", service=Service.PENDING), wish()),
    "windows.too_old": (fresh(build=14393), wish()),
    "python.too_old": (fresh(python=python(version=(3, 10))), wish()),
    "python.32_bit": (fresh(python=python(bits=32)), wish()),
    "python.one_person": (fresh(python=python(one_person=True)), wish()),
    "python.virtual": (fresh(python=python(virtual=True)), wish()),
    "python.signature": (fresh(), wish(signature="HashMismatch")),
    "package.missing": (fresh(), wish(package=package(absent="release.lock"))),
    "package.other_python": (fresh(), wish(package=package(tags=frozenset({"cp312"})))),
    "disk.full": (fresh(free_bytes=3_000_000), wish()),
    "version.newer": (serving("0.2.0"), wish()),
    "version.absent": (fresh(), wish(Verb.UPGRADE)),
    "data.foreign": (fresh(site=SiteFacts(foreign=True)), wish()),
    "place.mapped_drive": (serving("0.0.9", site=replace(A_SITE, mapped_drive=True)), wish()),
    "data.unreadable": (
        serving(site=replace(A_SITE, unfinished=None)),
        wish(Verb.UNINSTALL, purge=True),
    ),
    "data.unfinished": (
        serving(site=replace(A_SITE, unfinished=3)),
        wish(Verb.UNINSTALL, purge=True),
    ),
    "data.vault_inside": (
        serving(site=replace(A_SITE, vault=SITE / "vault")),
        wish(Verb.UNINSTALL, purge=True),
    ),
    "data.office_keys": (
        serving(site=replace(A_SITE, office_keys=True)),
        wish(Verb.UNINSTALL, purge=True),
    ),
}


@pytest.mark.parametrize("code", REASONS)
def test_one_spoilt_thing_refuses_with_its_code_and_changes_nothing(code: str) -> None:
    decided = plan(*REFUSED[code])
    assert (decided.code, decided.exit) == (code, REASONS[code].exit)
    assert (decided.steps, decided.back, decided.afterwards) == ((), (), ())
    assert "{}" not in decided.message
    assert decided.remedy


def test_the_spoilt_machines_are_sound_but_for_that_one_thing() -> None:
    assert plan(fresh(), wish()).steps
    assert plan(serving("0.0.9"), wish()).steps
    assert plan(serving(), wish(Verb.UNINSTALL, purge=True)).steps


def test_an_uninstallation_keeps_the_site() -> None:
    decided = plan(serving(site=replace(A_SITE, unfinished=3)), wish(Verb.UNINSTALL))
    assert decided.exit == 0
    assert not [s for s in decided.steps if s.target.startswith(str(SITE))]


def test_a_purge_never_names_pictures() -> None:
    decided = plan(serving(), wish(Verb.UNINSTALL, purge=True))
    gone = {s.target for s in decided.steps if s.target.startswith(str(SITE))}
    names = ("state", "keys", "station.toml", "policy.toml")
    assert gone == {str(SITE / name) for name in names}


def test_a_service_that_is_gone_is_not_deleted_again() -> None:
    there = kinds(plan(serving(), wish(Verb.UNINSTALL)).steps)
    gone = kinds(plan(serving(service=Service.ABSENT), wish(Verb.UNINSTALL)).steps)
    assert [kind for kind in there if kind not in ("stop_service", "run")] == gone


def test_uninstalling_nothing_is_no_fault() -> None:
    decided = plan(fresh(), wish(Verb.UNINSTALL))
    assert (decided.exit, decided.steps, decided.afterwards) == (0, (), ())


def test_half_an_installation_can_be_uninstalled() -> None:
    assert "remove_folder" in kinds(plan(fresh(folders={"x": False}), wish(Verb.UNINSTALL)).steps)


@pytest.mark.parametrize(
    ("machine", "exit_code", "message"),
    [
        (serving(), 0, "0.1.0"),
        (serving("0.2.0"), 0, "0.2.0"),
        (serving("0.0.9"), 1, ""),
        (fresh(), 1, ""),
        (serving(folders={"0.1.0-1": False}), 1, ""),
    ],
)
def test_detection_says_a_version_or_nothing(
    machine: Machine, exit_code: int, message: str
) -> None:
    decided = plan(replace(machine, administrator=False), wish(Verb.DETECT))
    assert (decided.exit, decided.message, decided.steps) == (exit_code, message, ())


def test_the_demonstration_needs_no_rights_and_leaves_nothing() -> None:
    machine = fresh(administrator=False, python=python(one_person=True, virtual=True))
    decided = plan(machine, wish(Verb.DEMO))
    assert decided.code == "demo.done"
    temporary = str(wish().temporary)
    assert all(s.target.startswith((temporary, str(machine.python.path))) for s in decided.steps)
    assert kinds(decided.afterwards) == ["remove_folder"]


MACHINES = st.sampled_from([machine for machine, _ in REFUSED.values()] + [fresh(), serving()])
WISHES = st.builds(
    wish, st.sampled_from(Verb), st.sampled_from(["0.0.9", "0.1.0", "0.2.0"]), purge=st.booleans()
)


@given(MACHINES, WISHES)
def test_every_plan_stays_in_its_folders_and_in_ascii(machine: Machine, wished: Wish) -> None:
    decided = plan(machine, wished)
    assert decided.to_json().isascii()
    assert json.loads(decided.to_json())["exit"] == decided.exit
    places = (str(PROGRAM), str(SITE), "HKLM:\\", str(wished.temporary))
    for step in (*decided.steps, *decided.back, *decided.afterwards):
        if isinstance(step, MakeFolder | WriteText):
            assert step.target.startswith(places)
        if isinstance(step, Run):
            assert not any('"' in word or word.endswith("\\") for word in step.arguments)


@given(MACHINES, WISHES)
def test_whoever_refuses_says_what_to_do(machine: Machine, wished: Wish) -> None:
    decided = plan(machine, wished)
    if decided.exit > 1:
        assert decided.remedy
        assert decided.steps == ()


@pytest.mark.parametrize(
    ("lower", "higher"),
    [("0.9", "0.10"), ("0.1.0rc1", "0.1.0"), ("0.1.0a2", "0.1.0b1"), ("", "0.1"), ("1.0", "1.0.1")],
)
def test_versions_are_ordered(lower: str, higher: str) -> None:
    assert version_key(lower) < version_key(higher)


def test_a_trailing_nought_changes_no_version() -> None:
    assert version_key("1.0") == version_key("1.0.0")


def test_the_security_id_of_a_service_is_what_windows_computes() -> None:
    """The id of TrustedInstaller is the same on every Windows."""
    known = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
    assert service_sid("TrustedInstaller") == known


def test_every_reason_is_in_the_guide() -> None:
    text = (REPOSITORY / "docs" / "deployment.md").read_text("utf-8")
    missing = [c for c, r in REASONS.items() if f"| `{c}` | {r.exit} |" not in text]
    assert missing == []


def test_a_checkout_is_enough_for_the_demonstration_and_for_nothing_else() -> None:
    source = package("", absent="photowarden-*.whl", checkout=PureWindowsPath(r"C:\checkout"))
    shown = plan(fresh(), wish(Verb.DEMO, package=source))
    assert any(isinstance(s, Run) and r"C:\checkout" in s.arguments for s in shown.steps)
    assert plan(fresh(), wish(package=source)).code == "package.missing"


@pytest.mark.parametrize(
    ("enough", "too_little", "code"),
    [
        (fresh(build=17763), fresh(build=17762), "windows.too_old"),
        (fresh(free_bytes=1_000_000_000), fresh(free_bytes=999_999_999), "disk.full"),
    ],
)
def test_what_is_needed_is_exactly_enough(enough: Machine, too_little: Machine, code: str) -> None:
    assert plan(enough, wish()).steps
    assert plan(too_little, wish()).code == code


def test_the_room_that_is_left_is_told_in_megabytes() -> None:
    assert " 999 MB are free" in plan(fresh(free_bytes=999_999_999), wish()).message


@pytest.mark.parametrize(
    ("signature", "refused"),
    [
        ("Valid", False),
        ("NotSigned", False),
        ("", False),
        ("HashMismatch", True),
        ("NotTrusted", True),
    ],
)
def test_a_signature_that_does_not_hold_is_refused(signature: str, *, refused: bool) -> None:
    assert (plan(fresh(), wish(signature=signature)).code == "python.signature") is refused


def test_a_vault_that_is_the_sites_folder_itself_is_not_deleted() -> None:
    site = replace(A_SITE, vault=SITE)
    assert plan(serving(site=site), wish(Verb.UNINSTALL, purge=True)).code == "data.vault_inside"


def test_a_demonstration_without_wheel_and_source_is_refused() -> None:
    nothing = package("", absent="photowarden-*.whl")
    assert plan(fresh(), wish(Verb.DEMO, package=nothing)).code == "package.missing"


def test_any_other_spelling_of_a_version_comes_first() -> None:
    assert version_key("main") == version_key("") < version_key("0.0.1a1")
    assert version_key("0.1.0rc1") < version_key("0.1.0rc2")
