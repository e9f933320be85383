"""``koogallery erase``: known personal data is in the store before, and in none of its bytes after."""

import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from emulator.commands.cli import main
from shared.store.cipher import SEALED, StorageCipher
from shared.store.paging import whole
from shared.store.table import NAMES, Item
from tests.fakes import FakeClock
from tests.shared.repair.mishaps import logged_in, organised
from tests.test_crash_points import Death, Mortal, revive
from tests.world import World

CUSTOMER, OTHER = "customer-1", "customer-2"
PERSONAL = ("zhang-3", "Zhang San", "13812345678", "zhang@example.com", CUSTOMER)
STAYS = ("li-4", OTHER)
SETTINGS = {"KOOGALLERY_APP_ID": "app-1", "KOOGALLERY_HISTORY_DAYS": "30"}


def filled(folder: Path) -> World:
    """Two customers: one whose instances are released and whose creation is undone, another one who stays."""
    world = World(folder, SETTINGS)
    told = {"customerName": "Zhang San", "mobilePhone": "13812345678", "email": "zhang@example.com"}
    for number in (1, 2):
        world.buy(f"CS{number}", f"b{number}", customerId=CUSTOMER, userId="iam-zhang-3", **told)
    world.buy("CS9", "b9", customerId=OTHER, userId="iam-li-4")
    organised(world, "b1", "tenant-1", "zhang-3")
    organised(world, "b9", "tenant-9", "li-4")
    logged_in(world, "b2", "tenant-1", "zhang-3@acme")
    world.clock.advance(61)
    for number in (1, 2):
        world.send(world.v1.call("releaseInstance", instanceId=f"b{number}"))
    return world


def erased(*words: str, code: int = 0) -> dict[str, Any]:
    with redirect_stdout(StringIO()) as out:
        assert main(["erase", *words, "--json"]) == code
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def opened(world: World) -> str:
    """Everything that is stored, sealed or not."""
    cipher = StorageCipher(world.app.settings.storage_key)

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(each) for name, each in value.items()}
        if isinstance(value, list):
            return list(map(plain, value))
        return cipher.open(value) if isinstance(value, str) and SEALED.fullmatch(value) else value

    items: list[Item] = [item for name in NAMES for item in whole(world.app.tables.table(name))]
    return json.dumps(plain(items), ensure_ascii=False)


def in_the_files(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("store.sqlite*"))


def test_nothing_of_a_customer_is_left(tmp_path: Path) -> None:
    world = filled(tmp_path)
    before = opened(world)
    assert [word for word in ("zhang-3", CUSTOMER, *STAYS) if word not in before] == []
    planned = erased("--customer", CUSTOMER, "--dry-run")
    assert opened(world) == before
    assert main(["erase", "--customer", CUSTOMER]) == 2  # nobody to ask

    done = erased("--customer", CUSTOMER, "--yes")

    assert done["erased"] == planned["erased"]
    assert all(done["erased"][each] for each in ("instances", "hints", "claims", "directory", "sessions"))
    after, raw = opened(world), in_the_files(tmp_path)
    assert [word for word in PERSONAL if word in after or word.encode() in raw] == []
    assert [word for word in STAYS if word not in after] == []
    assert '"CS1"' in after  # orders stay
    assert sum(erased("--customer", CUSTOMER, "--yes")["erased"].values()) == 0
    assert world.buy("CS1", "b7", customerId=CUSTOMER)["instanceId"] == "b1"


def test_an_instance_in_service_is_left_unless_it_is_said(tmp_path: Path) -> None:
    world = filled(tmp_path)
    assert erased("--customer", OTHER, "--yes", code=1)["left"] == ["b9"]
    assert "iam-li-4" not in opened(world)
    assert OTHER in opened(world)
    assert erased("--customer", OTHER, "--in-service", "--yes")["left"] == []
    assert [word for word in STAYS if word in opened(world)] == []
    record = world.app.instances.get("b9")
    assert record
    assert record.access
    assert (record.state.value, record.access.password) == ("ACTIVE", None)


@pytest.mark.parametrize(
    ("words", "gone", "stays"),
    [
        (["--tenant", "tenant-1"], ["zhang-3@acme", "code-zhang-3"], [CUSTOMER, *STAYS]),
        (["--tenant", "tenant-1", "--user", "zhang-3@acme"], ["zhang-3@acme"], ["code-zhang-3", *STAYS]),
    ],
)
def test_an_enterprise_and_a_member(tmp_path: Path, words: list[str], gone: list[str], stays: list[str]) -> None:
    world = filled(tmp_path)
    assert [word for word in (*gone, *stays) if word not in opened(world)] == []
    erased(*words, "--yes")
    assert [word for word in gone if word in opened(world) or word.encode() in in_the_files(tmp_path)] == []
    assert [word for word in stays if word not in opened(world)] == []


def test_an_iam_user(tmp_path: Path) -> None:
    from shared.instance.hints import digest

    world = filled(tmp_path)
    assert digest("iam-zhang-3") in opened(world)
    erased("--user", "iam-zhang-3", "--yes")
    assert digest("iam-zhang-3") not in opened(world)
    erased("--user", "iam-li-4", "--in-service", "--yes")
    assert digest("iam-li-4") not in opened(world)
    assert OTHER in opened(world)


@pytest.mark.parametrize("words", [[], ["--customer", "c", "--user", "u"]])
def test_wrong_use(tmp_path: Path, words: list[str]) -> None:
    World(tmp_path)
    assert main(["erase", *words]) == 2


@pytest.mark.sweep
@pytest.mark.parametrize("words", [["--customer", CUSTOMER], ["--tenant", "tenant-1"], ["--user", "iam-zhang-3"]])
def test_killed_anywhere_and_run_again(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "whole").mkdir()
    whole = filled(tmp_path / "whole")
    before, now = copytree(tmp_path / "whole", tmp_path / "before"), whole.clock.now()
    erased(*words, "--yes")
    wanted = without_times(opened(whole))
    for fatal in range(150):
        world = World(copytree(before, tmp_path / str(fatal)), SETTINGS, FakeClock(now))
        mortal = Mortal(world, fatal)
        try:
            erased(*words, "--yes")
        except Death:
            revive(world)
        else:
            assert fatal == mortal.passed >= 10
            return
        erased(*words, "--yes")
        assert without_times(opened(world)) == wanted
    raise AssertionError("it has no end")


def without_times(stored: str) -> Any:
    """All but which attempt it was, and what is random: the sessions' keys, and the end of what was sealed."""
    items = json.loads(stored)
    for item in items:
        item.pop("version")
        item.get("sold", {}).pop("of", None)
        item["pk"] = item["pk"].partition("#")[0] if item["pk"].startswith("session#") else item["pk"]
    return sorted(json.dumps(item, sort_keys=True) for item in items)
