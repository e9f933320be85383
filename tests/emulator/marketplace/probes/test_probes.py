"""Debugging cases are saved, and run again twice a day as long as a product is on sale."""

from datetime import UTC, datetime, timedelta

import pytest

from emulator.marketplace.catalogue.listing_status import ProbeDay
from emulator.marketplace.catalogue.products import SHELF, ListedProduct, Shelf
from emulator.marketplace.delivery.mails import Mail
from emulator.marketplace.probes.probes import following
from emulator.marketplace.probes.saved_cases import SavedCase
from emulator.marketplace.storage.transactions import NotPossible
from emulator.texts import verbatim
from tests.emulator.marketplace.seller import DAY, DEAD, HOUR, START, Scene

V1, V2 = "monthly-v1", "monthly-v2"


def shelf(scene: Scene, product: str) -> Shelf:
    return scene.market.database.the(ListedProduct, product).shelf


def probes(scene: Scene) -> int:
    """How many cases were run again."""
    return sum(str(line.occasion) == "probe" for line in scene.market.timeline.lines(limit=10_000))


@pytest.mark.parametrize("product", SHELF)
def test_a_right_seller_passes_every_case_of_every_product(scene: Scene, product: str) -> None:
    assert list(scene.market.cases.missing(product)) == list(scene.market.cases.needed(product)) != []
    played = scene.market.cases.save_cases(product)
    assert [(each.name, each.problem) for each in played if each.problem] == []
    assert [each.name for each in scene.market.cases.saved(product)] == [each.name for each in played]
    assert scene.market.cases.missing(product) == []
    assert {str(fields["testFlag"]) for _, fields in scene.seller.calls} == {"1"}
    version = SHELF[product].version
    assert {each.version for each in scene.market.cases.saved(product)} == {version}


@pytest.mark.parametrize(
    ("product", "needed"),
    [
        (V1, "new|new, trialFlag 0|new, trialFlag 1|renew|renew, no productId|renew, trialToFormal 1|expire|release|"),
        ("one-time-v1", "new|release"),
        ("pay-per-use-v1", "new|release|freeze|unfreeze|query"),
        ("package-v1", "new|release|freeze|unfreeze|query"),
        (V2, "new|query|renew|freeze|unfreeze|release|"),
        ("one-time-v2", "new|query|release"),
        ("pay-per-use-v2", "new|query|freeze|unfreeze|release"),
        ("package-v2", "new|query|freeze|unfreeze|release"),
    ],
)
def test_what_is_needed_depends_on_the_way_to_charge(scene: Scene, product: str, needed: str) -> None:
    upgraded = "upgrade" if needed.endswith("|") else ""
    assert list(scene.market.cases.needed(product)) == [name for name in (needed + upgraded).split("|") if name]


def test_trials_and_parameters_need_cases_of_their_own(scene: Scene) -> None:
    assert "new, extension parameters" in scene.market.cases.needed("yearly-v1")
    assert {"new, trial", "trial to formal"} <= set(scene.market.cases.needed("yearly-v2"))


def test_a_case_that_fails_is_not_saved(scene: Scene) -> None:
    scene.seller.script("refreshInstance", "000005", "000000", "000000")
    played = {each.name: each.problem for each in scene.market.cases.save_cases(V1)}
    assert "000005" in str(played["renew"])
    assert scene.market.cases.missing(V1) == ["renew"]
    scene.market.cases.save_cases(V1)
    assert scene.market.cases.missing(V1) == []
    assert scene.market.database.count(SavedCase) == len(played)


def test_version_2_is_debugged_with_the_orders_made_for_that(scene: Scene) -> None:
    scene.market.cases.save_cases("package-v2")
    assert scene.seller.told("newInstance")[0]["orderId"] == "MOCKONDEMANDPKG"
    scene.market.cases.save_cases(V1)
    assert scene.seller.told("newInstance")[-1]["orderId"] == "CS1906666666ABCDE"


def test_saved_cases_run_every_morning_and_afternoon(scene: Scene) -> None:
    saved = len(scene.market.cases.save_cases(V1))
    scene.market.advance(3 * HOUR - timedelta(minutes=1))
    assert probes(scene) == 0
    scene.market.advance(timedelta(minutes=1))
    assert probes(scene) == saved, "15:00 in Beijing"
    scene.market.advance(18 * HOUR)
    assert probes(scene) == 2 * saved, "09:00 in Beijing"
    scene.market.advance(10 * DAY)
    assert probes(scene) == 22 * saved
    assert scene.mails("seller") == []
    assert [day.runs for day in scene.market.database.all(ProbeDay, V1)] == [1, *[2] * 10, 1]


def test_rounds_are_at_nine_and_three_in_beijing() -> None:
    first = datetime(2026, 3, 2, 0, 59, tzinfo=UTC)
    rounds = [first]
    for _ in range(4):
        rounds.append(following(rounds[-1]))
    assert [f"{each.astimezone(UTC):%d %H:%M}" for each in rounds[1:]] == [
        "02 01:00",
        "02 07:00",
        "03 01:00",
        "03 07:00",
    ]


def test_a_failing_probe_is_mailed_with_what_is_wrong(scene: Scene) -> None:
    scene.market.cases.save_cases(V1)
    scene.seller.script("expireInstance", "000005")
    scene.seller.script("releaseInstance", DEAD)
    scene.market.advance(DAY)
    (mail,) = [mail for mail in scene.market.database.all(Mail) if mail.to == "seller"]
    assert [line.split(":")[0] for line in str(mail.text).splitlines()] == ["expire", "release"]
    assert scene.market.listing_status.report(V1).bad_days == 0, "today's round passed; yesterday's did not"
    assert [day.failed for day in scene.market.database.all(ProbeDay, V1)] == [("expire", "release"), ()]


@pytest.mark.parametrize("product", [V1, V2])
def test_five_bad_days_hide_a_product_and_a_repair_brings_it_back(scene: Scene, product: str) -> None:
    scene.market.cases.save_cases(product)
    scene.market.advance(DAY - 4 * HOUR)
    scene.seller.broken = "000005"
    for bad in range(1, 5):
        scene.market.advance(DAY)
        assert scene.market.listing_status.report(product).bad_days == bad
        assert shelf(scene, product) is Shelf.ON_SALE
    scene.market.advance(HOUR)
    assert shelf(scene, product) is Shelf.HIDDEN, "the first round of the fifth day failed"
    assert scene.mails("seller")[-1] == "Product hidden"
    made = probes(scene)
    scene.market.advance(3 * DAY)
    assert probes(scene) == made, "nobody probes what is not on sale"
    with pytest.raises(NotPossible, match="hidden"):
        scene.buy(product)
    assert any(each.problem for each in scene.market.probes.repaired(product))
    assert shelf(scene, product) is Shelf.HIDDEN
    scene.seller.broken = ""
    assert not any(each.problem for each in scene.market.probes.repaired(product))
    assert shelf(scene, product) is Shelf.ON_SALE
    assert scene.market.listing_status.report(product).bad_days == 0
    scene.seller.broken = "000005"
    scene.market.advance(3 * DAY)
    assert shelf(scene, product) is Shelf.ON_SALE, "days count anew"


def test_one_good_day_begins_the_count_anew(scene: Scene) -> None:
    scene.market.cases.save_cases(V1)
    scene.market.advance(DAY - 4 * HOUR)
    for broken in ("000005", "", "000005"):
        scene.seller.broken = broken
        scene.market.advance(4 * DAY if broken else DAY)
    assert shelf(scene, V1) is Shelf.ON_SALE
    assert scene.market.listing_status.report(V1).bad_days == 4


def test_one_bad_round_makes_a_bad_day(scene: Scene) -> None:
    scene.market.cases.save_cases(V1)
    scene.market.advance(DAY - 4 * HOUR)
    for _ in range(5):
        scene.seller.broken = "000005"
        scene.market.advance(12 * HOUR)
        scene.seller.broken = ""
        scene.market.advance(12 * HOUR)
    assert shelf(scene, V1) is Shelf.HIDDEN


def test_a_delisted_product_is_not_probed(scene: Scene) -> None:
    scene.market.cases.save_cases(V1)
    scene.market.listing_status.take_off(V1, Shelf.DELISTED, verbatim("a test"))
    scene.market.advance(2 * DAY)
    assert probes(scene) == 0


def test_probes_sign_anew_unless_they_are_told_otherwise(scene: Scene) -> None:
    for product in (V1, V2):
        scene.market.cases.save_cases(product)
    saved = {f"{START:%Y%m%d%H%M%S}000"}
    assert stamps(scene) == saved
    scene.seller.calls.clear()
    scene.market.advance(DAY)
    assert len(stamps(scene)) == 2
    assert not stamps(scene) & saved
    scene.market.probes.resign = False
    scene.reopen()
    assert not scene.market.probes.resign
    scene.seller.calls.clear()
    scene.market.advance(DAY)
    assert stamps(scene) == saved
    later = [line for line in scene.market.timeline.lines(limit=1000) if str(line.occasion) == "probe"]
    assert {line.verdict for line in later} == {"passed"}


def stamps(scene: Scene) -> set[str]:
    """The time stamps of version 1 that reached the seller."""
    return {fields["timeStamp"] for _, fields in scene.seller.calls if "timeStamp" in fields}


def test_a_round_that_was_slept_through_is_made_once(scene: Scene) -> None:
    saved = len(scene.market.cases.save_cases(V1))
    scene.clock.set(START + 30 * DAY)
    scene.market.run_due()
    assert probes(scene) == saved
    scene.market.advance(DAY)
    assert probes(scene) == 3 * saved


def test_products_there_must_be(scene: Scene) -> None:
    for asked in (scene.market.cases.save_cases, scene.market.cases.needed, scene.market.probes.repaired):
        with pytest.raises(KeyError, match="no listedproduct nothing"):
            asked("nothing")
