"""The Terraform module for Huawei Cloud: nothing is wrong with it that can be found here; what is planted is found."""

import json
import re
import shutil
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml

from emulator.packaging.huawei.archive import rfs_template
from emulator.packaging.huawei.checks import check
from emulator.packaging.huawei.documented import documented, read_page
from emulator.packaging.huawei.module import MODULE, Module, read_module
from functions import login
from shared.protocol import signing
from tests.pages import page
from tests.test_package_functiongraph import INDEX
from tests.test_settings_doc import SETTING, read_in_code

ROUTE = re.compile(r"^    (\w+) +=.*function = \"(\w+)\"", re.MULTILINE)


@pytest.fixture(scope="module")
def root() -> Module:
    return read_module(MODULE)


@pytest.fixture(scope="module")
def functions() -> Module:
    return read_module(MODULE / "functions")


def text(*parts: str) -> str:
    return MODULE.joinpath(*parts).read_text("utf-8")


def body(module: Module, type_: str, name: str = "main") -> dict[str, Any]:
    return next(block.body for block in module.blocks if (block.type, block.name) == (type_, name))


# --- what is checked --------------------------------------------------------------------------------------------------


def test_nothing_is_wrong() -> None:
    assert check(MODULE) == []


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("file", "there", "planted", "found"),
    [
        ("functions/main.tf", "  memory_size  ", "  memory  ", "there is no argument memory"),
        ("functions/main.tf", "  memory_size  ", "  memory  ", "memory_size is required"),
        ("functions/main.tf", "qualifier_name =", "qualifier =", "reserved_instances: there is no argument qualifier"),
        ("functions/main.tf", "      count          = reserved_instances.value", "", "instances: count is required"),
        ("alarms/main.tf", "      name  = each", "      nam = each", "dimensions: there is no argument nam"),
        ("alarms/main.tf", "metric {", "resources {", "metric is required"),
        ("functions/gateway.tf", "  func_graph {", "  func_grap {", "there is no argument func_grap"),
        ("functions/gateway.tf", "  group_id            ", "  group_id {} #", "group_id is no block"),
        ("network/main.tf", '"huaweicloud_nat_gateway" "out"', '"huaweicloud_nat_gate" "out"', "no such resource"),
        ("network/main.tf", "huaweicloud_vpc_eip.out.id", "huaweicloud_vpc_eip.in.id", "_eip.in is referred"),
        ("network/main.tf", "huaweicloud_vpc_eip.out.id", "huaweicloud_vpc_eip.out.idd", "no such attribute"),
        ("functions/main.tf", '"v2"', '"v3"', "functiongraph_version is not one of v1, v2"),
        ("main.tf", "var.webhook_url", "var.webhook", "var.webhook is referred to and not there"),
        ("main.tf", "var.webhook_url", "var.webhook", "var.webhook_url is not used"),
        ("main.tf", "local.keys,", "local.key,", "local.key is referred to and not there"),
        ("main.tf", "[*].settings", "[*].setting", "module.database.setting: there is no such attribute"),
        ("main.tf", "  nat_spec = var.nat_spec", "  nat = var.nat_spec", "module.network: nat_spec is required"),
        ("main.tf", "  nat_spec = var.nat_spec", "  nat = var.nat_spec", "module.network: there is no variable nat"),
        ("machines/main.tf", "images_images.system.im", "images_images.sys.im", "images_images.sys is"),
        ("variables.tf", "  sensitive   = true", "", "var.certificate_key is a secret and not sensitive"),
        ("variables.tf", '  description = "Region', '  # "', "var.region has no description"),
        ("watch/main.tf", '  description = "Who is told"', "", "output.topic_urn has no description"),
    ],
)  # fmt: skip
def test_what_is_planted_is_found(tmp_path: Path, file: str, there: str, planted: str, found: str) -> None:
    copy = tmp_path / "huawei"
    shutil.copytree(MODULE, copy)
    wrong = copy / file
    assert there in wrong.read_text("utf-8"), "nothing to replace"
    wrong.write_text(wrong.read_text("utf-8").replace(there, planted, 1), "utf-8")

    assert [finding for finding in check(copy) if found in finding] != []


PAGE = """
# huaweicloud_thing

## Argument Reference

The following arguments are supported:

* `name` - (Required, String, ForceNew) Specifies the name.
  Changing this creates a new one.
  The valid values are as follows:
  + **one**: The first.
  + **two**

* `rule` - (Optional, List) Specifies the rules.
  The [rule](#Thing_Rule) structure is documented below.

* `disk` - (Required, List) Structure is documented below.

* `tags` - (Optional, List) Specifies tags.

<a name="Thing_Rule"></a>
The `ThingRule` block supports:

* `action` - (Required, String) Specifies the action. The [disk](#elsewhere) is `x`.

The `disk` block supports:

* `size` - (Optional, Int) Specifies the size.

## Attribute Reference

In addition to all arguments above, the following attributes are exported:

* `state` - The state.

The `rule` block supports:

* `number` - The number.

## Import
"""


def test_pages_of_the_provider_are_read() -> None:
    assert read_page(PAGE) == {
        "arguments": {
            "name": {"required": True, "values": ["one", "two"]},
            "rule": {"block": {"action": {"required": True}}},
            "disk": {"required": True, "block": {"size": {}}},
            "tags": {},
        },
        "attributes": ["id", "state"],
    }


def test_it_is_known_which_pages_were_read() -> None:
    (required,) = re.findall(r'\bversion = ">= ([\d.]+)"', text("main.tf"))

    assert re.fullmatch(r"[0-9a-f]{40}", documented()["commit"])
    assert [int(part) for part in required.split(".")] <= [int(part) for part in documented()["release"].split(".")]


# --- what the module says, beside the code ----------------------------------------------------------------------------


def test_settings_exist_and_leave_room(root: Module) -> None:
    named_settings = {name for file in MODULE.rglob("*.tf") for name in SETTING.findall(file.read_text("utf-8"))}

    assert named_settings - {"KOOGALLERY"} - read_in_code() == set()
    assert len(root.locals["environment"]) < 20


def test_the_secret_has_the_members_that_are_documented() -> None:
    documented_members = json.loads(
        next(block.text for block in page("docs/settings.md").blocks if block.language == "json")
    )

    assert re.findall(r'KOOGALLERY_\w+ += "(\w+)"', text("main.tf").partition("} : setting =>")[0]) == list(
        documented_members
    )


def test_functions_have_handlers_and_time(functions: Module) -> None:
    handlers = set(re.findall(r"^(\w+) = ", INDEX.read_text(), re.MULTILINE))
    timeouts = {name: int(seconds) for name, seconds in re.findall(r"(\w+) = (\d+)", functions.locals["timeouts"])}

    initialized = re.findall(r'"(\w+)"', functions.locals["initialized"])

    assert {f"{name}_initializer" for name in initialized} <= handlers
    assert initialized == ["gateway", "login", "directory"]
    assert timeouts.keys() == {"gateway", "sweep", "relay", "usage", "metering", "login", "directory"} <= handlers
    assert min(timeouts.values()) >= 15
    assert 15000 <= functions.locals["backend_timeout"] <= 60000
    assert timeouts["metering"] < 180, "the next run begins 3 minutes later"


def test_an_http_function_answers_every_route_and_has_what_only_it_takes(functions: Module, root: Module) -> None:
    given = body(functions, "huaweicloud_fgs_function")
    runtime = documented()["resource"]["huaweicloud_fgs_function"]["arguments"]["runtime"]
    only_then = '${local.http && each.key == "gateway" ? %s : %s}'

    assert "http" in runtime["values"]
    assert given["runtime"] == only_then % ('"http"', '"Python3.12"')
    assert given["concurrency_num"] == only_then % ("var.concurrency", "null")
    assert given["enable_auth_in_header"] == only_then % ("true", "null")
    called = body(functions, "huaweicloud_apig_api")["func_graph"][0]["function_urn"]
    assert called == '${huaweicloud_fgs_function.main[local.http ? "gateway" : each.value.function].urn}'
    for name, seconds in (("usage", 30), ("login", 15), ("directory", 15)):
        assert f"&& !local.http ? {{{name} = {seconds}}} : {{}}" in functions.locals["timeouts"]
    assert 'var.function_kind == "http" ? tostring(var.concurrency)' in root.locals["settings"], (
        "a thread for each call"
    )


def test_every_function_has_a_route_or_a_timer(functions: Module) -> None:
    routed = {function for _, function in ROUTE.findall(text("functions", "gateway.tf"))}
    timed = set(re.findall(r"(\w+) = \{schedule_type", functions.locals["timers"]))

    assert routed == {"gateway", "usage", "login", "directory"}
    assert timed == {"sweep", "relay", "metering"}


def test_each_route_of_login_leads_there() -> None:
    rows = re.findall(
        r'function = "login".* path = "/saas([^"]+)", matching = "(\w+)"', text("functions", "gateway.tf")
    )

    def reached(path: str) -> bool:
        return any(path == own or (matching == "Prefix" and path.startswith(f"{own}/")) for own, matching in rows)

    assert [path for path in login.MODULES if not reached(path)] == []


def test_the_gateway_passes_every_parameter_that_version_1_signs(functions: Module) -> None:
    assert set(functions.locals["version_1"]) == signing._DOCUMENTED
    assert len(functions.locals["version_1"]) <= 50
    assert body(functions, "huaweicloud_apig_api")["dynamic"][0]["request_params"]["content"][0]["passthrough"] is True


def test_machines_believe_their_load_balancer(root: Module) -> None:
    """It calls from inside the network. Functions have no server that asks; the seller's own settings come last."""
    given = re.fullmatch(r"\$\{merge\((.*), var\.settings\)\}", root.locals["settings"])

    assert given is not None
    assert 'KOOGALLERY_TRUSTED_PROXIES = local.functions ? "" : var.vpc_cidr' in given[1]
    assert "remote_ip_prefix  = var.vpc_cidr" in text("machines", "main.tf"), "nobody else reaches the port"


def test_machines_start_from_a_readable_file() -> None:
    template = text("machines", "cloud-init.yaml")
    names = {"image": "image:1", "port": "8000", "log": "/var/log/x/server.log", "environment": "QT0x"}
    started = yaml.safe_load(re.sub(r"\$\{(\w+)\}", lambda found: names[found[1]], template))
    given = body(read_module(MODULE / "machines"), "huaweicloud_compute_instance")["user_data"]

    assert set(re.findall(r"\$\{(\w+)\}", template)) == names.keys() == set(re.findall(r"(\w+) = ", given))
    assert [file["path"] for file in started["write_files"]] == [
        "/etc/koogallery.env", "/etc/systemd/system/koogallery.service", "/etc/logrotate.d/koogallery",
    ]  # fmt: skip


def test_the_template_for_rfs_has_its_provider_and_main_at_the_root(tmp_path: Path) -> None:
    archive = rfs_template(tmp_path / "one")
    with ZipFile(archive) as packed:
        names, main = packed.namelist(), packed.read("main.tf").decode()

    assert {"main.tf", "variables.tf", "functions/main.tf", "machines/cloud-init.yaml"} <= set(names)
    assert 'source  = "huawei.com/provider/huaweicloud"' in main
    assert '"huaweicloud/huaweicloud"' not in main
    assert rfs_template(tmp_path / "two").read_bytes() == archive.read_bytes()
