# SPDX-License-Identifier: Apache-2.0
"""The bundle takes codes, counts and versions; nothing that could be a name has a place in it."""

import json
import re
from importlib.metadata import requires
from typing import Any

import pytest

from agent.core.bundle import FORMAT, PACKAGES, bundle_text
from agent.media.model import Kind
from service.hosts import Standing

GOOD: dict[str, Any] = {
    "format": FORMAT,
    "program": "0.1.0",
    "system": "linux",
    "packages": {"pillow": "13.0"},
    "troubles": ["vault.unavailable"],
    "verdicts": {"KEEP": 3},
    "concerns": {"device.unregistered": 1},
    "kinds": {"JPEG": 3},
    "states": {"done": 3},
    "ledger_entries": 9,
    "register_version": None,
    "rehearsal": False,
    "service": "running",
}


def test_a_bundle_is_json_that_a_person_can_read() -> None:
    text = bundle_text(GOOD)
    assert json.loads(text) == GOOD
    assert len(text.splitlines()) > len(GOOD)


def test_the_lists_are_those_of_the_program() -> None:
    """Every kind, standing and package has its place, so that no bundle fails for want of one."""
    kinds = {kind.label: 1 for kind in Kind}
    assert json.loads(bundle_text({**GOOD, "kinds": kinds}))["kinds"] == kinds
    for word in [*(standing.value for standing in Standing), "unknown"]:
        assert word in bundle_text({**GOOD, "service": word})
    for word in ("linux", "darwin", "win32"):
        assert word in bundle_text({**GOOD, "system": word})
    told = {requirement.lower() for requirement in requires("photowarden") or ()}
    named = {re.split(r"[^a-z0-9-]", one)[0] for one in told if "extra ==" not in one}
    assert named - {"tzdata"} <= set(PACKAGES)


@pytest.mark.parametrize("name", ["Amara Okafor", "Larkfield", "camera-1", "amara.okafor", "3B"])
@pytest.mark.parametrize("key", sorted(GOOD))
def test_no_place_takes_a_name(key: str, name: str) -> None:
    for value in (name, [name], {name: 1}, {"KEEP": name}, [[name]], [{name: 1}]):
        with pytest.raises(ValueError, match=r"list|shape"):
            bundle_text({**GOOD, key: value})


@pytest.mark.parametrize(
    "spoilt",
    [
        {"school": "Larkfield"},
        {"ledger_entries": True},
        {"rehearsal": 1},
        {"verdicts": {"KEEP": True}},
        {"packages": {"amara": "1.0"}},
        {"troubles": "vault.unavailable"},
    ],
)
def test_what_is_not_on_the_list_is_refused(spoilt: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"list|shape"):
        bundle_text({**GOOD, **spoilt})
