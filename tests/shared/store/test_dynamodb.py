"""What only the DynamoDB engine does: lost answers, batches left undone, errors. The rest is in ``test_table.py``."""

import traceback
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pytest
from botocore.exceptions import ClientError

from shared.aws.service import ServiceError
from shared.config import Settings, of
from shared.errors import ConfigurationError, Unavailable
from shared.store.dynamodb import DynamoTables, administration, definitions, ensure_tables
from shared.store.dynamodb.attributes import decode
from shared.store.dynamodb.client import shared_client
from shared.store.dynamodb.schema import TABLES
from shared.store.dynamodb.table import DynamoTable
from shared.store.engines import tables as tables_of
from shared.store.table import Exists, Item, Stale, Write
from tests.fakes import FakeClock
from tests.logs import LogLines
from tests.shared.store.conftest import CREDENTIALS, SINGLE_TABLE

Answer: TypeAlias = Mapping[str, Any] | Exception | Callable[[Mapping[str, Any]], Any]
ITEM: Item = {"pk": "p", "sk": "-", "version": 4, "note": "secret"}


class ScriptedClient:
    """Gives the answers of a script, one after the other, and keeps what it was asked."""

    def __init__(self, *script: tuple[str, Answer]) -> None:
        self._script = list(script)
        self.asked: list[Mapping[str, Any]] = []

    def __getattr__(self, operation: str) -> Callable[..., Mapping[str, Any]]:
        def ask(**parameters: Any) -> Mapping[str, Any]:
            expected, answer = self._script.pop(0)
            assert operation == expected
            self.asked.append(parameters)
            if callable(answer):
                answer = answer(parameters)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return ask

    @property
    def used_up(self) -> bool:
        return not self._script


def refused(attributes: Mapping[str, Any] | None = None, resent: int = 0) -> ServiceError:
    members = {"Item": attributes} if attributes else {}
    return ServiceError("ConditionalCheckFailedException", members, resent=resent > 0)


def stored(version: int, **members: Any) -> Mapping[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": "-"}, "version": {"N": str(version)}, **members}


def table(client: Any, clock: FakeClock | None = None) -> DynamoTable:
    return DynamoTables("t-", clock or FakeClock(), client_factory=lambda: client).table("instances")


def written(client: ScriptedClient) -> Mapping[str, Any]:
    """The attributes of the first PutItem."""
    attributes: Mapping[str, Any] = client.asked[0]["Item"]
    return attributes


class TestLostAnswer:
    """A write took place, its answer was lost, and the client's second copy of it failed the condition."""

    def test_of_create_where_the_service_shows_the_item(self) -> None:
        client = ScriptedClient(("put_item", lambda asked: refused(asked["Item"], resent=1)))

        assert table(client).create(ITEM) == {**ITEM, "version": 1}
        assert client.used_up

    def test_of_create_where_it_does_not(self) -> None:
        client = ScriptedClient(("put_item", refused(resent=1)), ("get_item", lambda asked: {"Item": written(client)}))

        assert table(client).create(ITEM) == {**ITEM, "version": 1}
        assert client.asked[1]["ConsistentRead"] is True

    def test_of_replace_where_the_service_shows_the_item(self) -> None:
        client = ScriptedClient(("put_item", lambda asked: refused(asked["Item"], resent=2)))

        assert table(client).replace(ITEM) == {**ITEM, "version": 5}
        assert client.used_up

    def test_of_replace_where_it_does_not(self) -> None:
        client = ScriptedClient(("put_item", refused(resent=1)), ("get_item", lambda asked: {"Item": written(client)}))

        assert table(client).replace(ITEM) == {**ITEM, "version": 5}

    def test_is_not_assumed_when_another_wrote_that_version(self) -> None:
        client = ScriptedClient(("put_item", refused(stored(5, _writer={"S": "other"}), resent=1)))

        with pytest.raises(Stale):
            table(client).replace(ITEM)

    @pytest.mark.parametrize("now_there", [{"Item": stored(6, _writer={"S": "other"})}, {}])
    def test_is_possible_when_others_have_gone_on(self, now_there: Mapping[str, Any]) -> None:
        client = ScriptedClient(("put_item", refused(resent=1)), ("get_item", now_there))

        with pytest.raises(Unavailable):
            table(client).replace(ITEM)

    def test_of_delete_cannot_be_told_from_another_deletion(self) -> None:
        client = ScriptedClient(("delete_item", refused(resent=1)))

        with pytest.raises(Unavailable):
            table(client).delete(ITEM)

    def test_is_out_of_the_question_when_nothing_was_sent_twice(self) -> None:
        client = ScriptedClient(("put_item", refused()), ("delete_item", refused()))

        with pytest.raises(Stale):
            table(client).replace(ITEM)
        with pytest.raises(Stale):
            table(client).delete(ITEM)


class TestCreate:
    def test_believes_the_item_that_comes_with_the_refusal(self) -> None:
        client = ScriptedClient(("put_item", refused(stored(3, _writer={"S": "other"}))))

        with pytest.raises(Exists) as found:
            table(client).create(ITEM)

        assert found.value.existing == {"pk": "p", "sk": "-", "version": 3}

    def test_tries_again_when_the_item_is_gone_meanwhile(self) -> None:
        client = ScriptedClient(("put_item", refused()), ("get_item", {}), ("put_item", {}))

        assert table(client).create(ITEM) == {**ITEM, "version": 1}

    def test_does_not_try_for_ever(self) -> None:
        refusal: list[tuple[str, Answer]] = [("put_item", refused()), ("get_item", {})]
        client = ScriptedClient(*refusal * 4)

        with pytest.raises(Unavailable):
            table(client).create(ITEM)

        assert client.used_up


class TestTogether:
    """A service with transactions, one without, and one that has troubles."""

    BESIDE: tuple[Item, ...] = ({"pk": "p", "sk": "b"},)

    def test_is_one_request(self) -> None:
        client = ScriptedClient(*[("transact_write_items", {})] * 2)
        table(client).create(ITEM, self.BESIDE)
        table(client).replace(ITEM, self.BESIDE)

        (item, beside), (replaced, _) = (asked["TransactItems"] for asked in client.asked)
        assert item["Put"]["ConditionExpression"].startswith("attribute_not_exists")
        assert "#version = :version" in replaced["Put"]["ConditionExpression"]
        assert beside == {"Put": {"TableName": "t-instances", "Item": {**stored(1), "sk": {"S": "b"}}}}

    @pytest.mark.parametrize("resent", [False, True])
    def test_a_failed_condition_is_one_as_without(self, resent: bool) -> None:
        other = stored(3, _writer={"S": "other"})
        client = ScriptedClient(*[("transact_write_items", cancelled(other, resent=resent))] * 2)

        with pytest.raises(Exists) as found:
            table(client).create(ITEM, self.BESIDE)
        assert found.value.existing == {"pk": "p", "sk": "-", "version": 3}
        with pytest.raises(Unavailable if resent else Stale):
            table(client).replace(ITEM, self.BESIDE)

    def test_an_answer_that_was_lost_is_known_by_the_mark(self) -> None:
        def taken(asked: Mapping[str, Any]) -> Exception:
            return cancelled(asked["TransactItems"][0]["Put"]["Item"], resent=True)

        client = ScriptedClient(*[("transact_write_items", taken)] * 2)

        assert table(client).create(ITEM, self.BESIDE)["version"] == 1
        assert table(client).replace(ITEM, self.BESIDE)["version"] == 5

    def test_a_service_that_knows_none_is_asked_once_by_all_tables(self) -> None:
        step: list[tuple[str, Answer]] = [("batch_write_item", {}), ("put_item", {})]
        client = ScriptedClient(("transact_write_items", ServiceError("UnknownOperationException", {})), *step * 3)
        tables = DynamoTables("t-", FakeClock(), client_factory=lambda: client)
        for name in ("instances", "instances", "directory"):
            tables.table(name).create(ITEM, self.BESIDE)

        assert client.used_up

    def test_whatever_a_service_without_them_answers_what_it_was_asked_for_is_done(self) -> None:
        step: list[tuple[str, Answer]] = [("batch_write_item", {}), ("put_item", {})]
        client = ScriptedClient(("transact_write_items", Unavailable("HTTP 500")), *step * 2)
        found = table(client)
        for _ in range(2):
            found.create(ITEM, self.BESIDE)

        assert client.used_up

    def test_what_was_perhaps_done_by_the_first_is_known_by_its_mark(self) -> None:
        first: list[Mapping[str, Any]] = []

        def lost(asked: Mapping[str, Any]) -> Exception:
            first.append(asked["TransactItems"][0]["Put"]["Item"])
            return Unavailable("no answer")

        for showing in (True, False):
            end: list[tuple[str, Answer]] = [("put_item", lambda _asked: refused(first[-1]))]
            if not showing:
                end = [("put_item", refused()), ("get_item", lambda _asked: {"Item": first[-1]})]
            client = ScriptedClient(("transact_write_items", lost), ("batch_write_item", {}), *end)

            assert table(client).replace(ITEM, self.BESIDE)["version"] == 5
            assert client.used_up

    def test_one_that_has_them_is_believed_when_it_does_not_answer(self) -> None:
        client = ScriptedClient(("transact_write_items", {}), ("transact_write_items", Unavailable("no answer")))
        found = table(client)
        found.create(ITEM, self.BESIDE)

        with pytest.raises(Unavailable):
            found.create(ITEM, self.BESIDE)
        assert client.used_up

    @pytest.mark.parametrize(
        "refusal", [ServiceError("ValidationException", {}), ServiceError("AccessDeniedException", {})]
    )
    def test_what_is_too_large_for_one_is_done_in_parts(self, refusal: ServiceError) -> None:
        client = ScriptedClient(
            ("transact_write_items", {}),
            ("transact_write_items", refusal),
            ("batch_write_item", {}),
            ("put_item", {}),
            ("transact_write_items", {}),
        )
        found = table(client)
        for _ in range(3):
            found.create(ITEM, self.BESIDE)

        assert client.used_up

    def test_a_refusal_after_a_doubtful_copy_says_nothing_of_that_one(self) -> None:
        doubtful = ServiceError("ValidationException", {}, resent=True)
        client = ScriptedClient(("transact_write_items", {}), ("transact_write_items", doubtful))
        found = table(client)
        found.create(ITEM, self.BESIDE)

        with pytest.raises(Unavailable):
            found.create(ITEM, self.BESIDE)
        assert client.used_up

    def test_a_conflict_that_lasts_is_no_reason_to_go_on_in_parts(self) -> None:
        client = ScriptedClient(
            ("transact_write_items", {}), ("transact_write_items", cancelled(code="TransactionConflict"))
        )
        found = table(client)
        found.create(ITEM, self.BESIDE)

        with pytest.raises(Unavailable):
            found.replace(ITEM, self.BESIDE)

    def test_more_than_a_transaction_takes_is_not_asked_for(self) -> None:
        client = ScriptedClient(*[("batch_write_item", {})] * 4, ("put_item", {}), ("transact_write_items", {}))
        many = [{"pk": "p", "sk": f"b{number}"} for number in range(100)]
        found = table(client)
        found.create(ITEM, many)
        found.create(ITEM, many[:99])

        assert client.used_up
        assert len(client.asked[-1]["TransactItems"]) == 100


def cancelled(
    attributes: Mapping[str, Any] | None = None, *, code: str = "ConditionalCheckFailed", resent: bool = False
) -> ServiceError:
    """A transaction of an item and one beside it was cancelled because of the item."""
    reason = {"Code": code, **({"Item": attributes} if attributes else {})}
    return ServiceError(
        "TransactionCanceledException", {"CancellationReasons": [reason, {"Code": "None"}]}, resent=resent
    )


class Apart:
    """Answers a write by the sort key of its item, on whatever thread it comes."""

    def __init__(self, answers: Mapping[str, Exception]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    def put_item(self, **parameters: Any) -> Mapping[str, Any]:
        sk = parameters["Item"]["sk"]["S"]
        self.asked.append(sk)
        if sk in self._answers:
            raise self._answers[sk]
        return {}


class TestManyWrites:
    def test_one_that_fails_keeps_no_other_from_being_carried_out(self) -> None:
        failures = {"03": Unavailable("no answer"), "04": throttled(), "05": refused()}
        client = Apart(failures)
        writes = [Write("replace", {**ITEM, "sk": f"{number:02}"}) for number in range(60)]
        outcomes = table(client).write_many(writes)

        assert sorted(client.asked) == [f"{number:02}" for number in range(60)]
        assert [type(each) for each in outcomes[3:6]] == [Unavailable, Unavailable, Stale]
        assert [each["version"] for each in outcomes if isinstance(each, dict)] == [5] * 57
        assert all(outcome.__traceback__ is None for outcome in outcomes[3:6] if isinstance(outcome, Exception))


def throttled() -> ServiceError:
    return ServiceError("ProvisionedThroughputExceededException", {}, resent=True)


class TestBatches:
    KEYS = (("p", "1"), ("p", "2"))

    def test_get_asks_again_for_what_was_left_out(self, clock: FakeClock) -> None:
        left = {"t-instances": {"Keys": [{"pk": {"S": "p"}, "sk": {"S": "2"}}], "ConsistentRead": True}}
        client = ScriptedClient(
            ("batch_get_item", {"Responses": {"t-instances": [stored(1)]}, "UnprocessedKeys": left}),
            ("batch_get_item", {"Responses": {"t-instances": [stored(2)]}, "UnprocessedKeys": {}}),
        )

        assert [item["version"] for item in table(client, clock).get_many(self.KEYS)] == [1, 2]
        assert client.asked[1]["RequestItems"] == left
        assert len(clock.slept) == 1

    def test_put_sends_again_what_was_left_undone(self, clock: FakeClock) -> None:
        left = {"t-instances": [{"PutRequest": {"Item": stored(1)}}]}
        client = ScriptedClient(
            ("batch_write_item", {"UnprocessedItems": left}), ("batch_write_item", {"UnprocessedItems": {}})
        )
        table(client, clock).put_many([ITEM])

        assert client.asked[1]["RequestItems"] == left

    def test_give_up_in_the_end_with_growing_pauses(self, clock: FakeClock) -> None:
        left = {"t-instances": [{"PutRequest": {"Item": stored(1)}}]}
        client = ScriptedClient(*[("batch_write_item", {"UnprocessedItems": left})] * 8)

        with pytest.raises(Unavailable):
            table(client, clock).put_many([ITEM])

        assert client.used_up
        assert len(clock.slept) == 7
        assert all(pause <= 1 for pause in clock.slept)
        assert clock.slept[-1] > clock.slept[0]

    def test_keep_to_the_sizes_the_service_takes(self) -> None:
        client = ScriptedClient(*[("batch_write_item", {})] * 3, *[("batch_get_item", {"Responses": {}})] * 3)
        table(client).put_many({"pk": "p", "sk": str(number)} for number in range(60))
        table(client).get_many(("p", str(number)) for number in range(250))

        requests = [asked["RequestItems"]["t-instances"] for asked in client.asked]
        assert [len(request) for request in requests[:3]] == [25, 25, 10]
        assert [len(request["Keys"]) for request in requests[3:]] == [100, 100, 50]

    def test_deletions_too(self) -> None:
        client = ScriptedClient(*[("batch_write_item", {})] * 3)
        table(client).delete_many(("p", str(number)) for number in (*range(60), 1))

        requests = [asked["RequestItems"]["t-instances"] for asked in client.asked]
        assert [len(request) for request in requests] == [25, 25, 10]
        assert requests[2][-1] == {"DeleteRequest": {"Key": {"pk": {"S": "p"}, "sk": {"S": "59"}}}}


@pytest.mark.parametrize(
    "error", [ServiceError("ProvisionedThroughputExceededException", {}), Unavailable("no answer in time")]
)
@pytest.mark.parametrize(
    ("operation", "use"),
    [
        ("get_item", lambda table: table.get("p")),
        ("put_item", lambda table: table.create(ITEM)),
        ("put_item", lambda table: table.replace(ITEM)),
        ("delete_item", lambda table: table.delete(ITEM)),
        ("query", lambda table: table.query("p")),
        ("batch_get_item", lambda table: table.get_many([("p", "-")])),
        ("batch_write_item", lambda table: table.put_many([ITEM])),
        ("batch_write_item", lambda table: table.delete_many([("p", "-")])),
    ],
)
def test_is_unavailable_after_any_other_error(
    operation: str, use: Callable[[DynamoTable], Any], error: Exception
) -> None:
    with pytest.raises(Unavailable) as failed:
        use(table(ScriptedClient((operation, error))))

    assert failed.value.__cause__ is error
    assert "secret" not in "".join(traceback.format_exception(failed.value))


def test_connects_nothing_before_the_first_use() -> None:
    clients = [ScriptedClient(("get_item", {}))]
    of_instances = DynamoTables("t-", FakeClock(), client_factory=clients.pop).table("instances")
    assert len(clients) == 1

    of_instances.get("p")
    assert clients == []


@pytest.mark.parametrize("prefix", ["a.", "", "x" * 255])
def test_refuses_names_that_are_none(prefix: str) -> None:
    with pytest.raises(ValueError, match="table name"):
        DynamoTables(prefix, FakeClock()).table("t")


def test_refuses_attributes_it_never_writes() -> None:
    with pytest.raises(TypeError, match="SS"):
        decode({"a": {"SS": ["x"]}})


def test_the_client_is_one_for_each_endpoint() -> None:
    assert shared_client("http://127.0.0.1:1") is shared_client("http://127.0.0.1:1")
    assert shared_client("http://127.0.0.1:1") is not shared_client("http://127.0.0.1:2")


def test_definitions_are_named_by_the_prefix() -> None:
    names = [definition["TableName"] for definition in definitions("shop-")]

    assert names == [f"shop-{name}" for name in TABLES]
    assert {"shop-instances", "shop-idempotency", "shop-agenda", "shop-usage", "shop-billing"} <= set(names)


def test_tables_that_cannot_be_made_are_an_error() -> None:
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "CreateTable")
    client: Any = ScriptedClient(("create_table", denied))

    with pytest.raises(ClientError):
        ensure_tables(client, "shop-")


@pytest.mark.engines
@pytest.mark.parametrize("engine", ["moto", "ministack"])
def test_what_has_expired_is_the_services_business(engine: str, request: pytest.FixtureRequest) -> None:
    client: Any = administration(request.getfixturevalue(engine), CREDENTIALS)
    ensure_tables(client, "ttl-")

    for name in TABLES:
        told = client.describe_time_to_live(TableName=f"ttl-{name}")["TimeToLiveDescription"]
        assert (told["TimeToLiveStatus"], told["AttributeName"]) == ("ENABLED", "expires")


@pytest.mark.engines
@pytest.mark.parametrize("engine", ["moto", "ministack", "dynalite"])
def test_tables_may_be_ensured_again(engine: str, request: pytest.FixtureRequest) -> None:
    endpoint = request.getfixturevalue(engine)
    for _ in range(2):
        ensure_tables(administration(endpoint, CREDENTIALS), "again-")

    tables = DynamoTables("again-", FakeClock(), endpoint, credentials=CREDENTIALS)
    for name in ("instances", "idempotency", "agenda"):
        assert tables.table(name).get("p") is None


@pytest.mark.engines
def test_a_service_without_ttl_is_told_once_and_works(dynalite: str, log_lines: LogLines) -> None:
    ensure_tables(administration(dynalite, CREDENTIALS), "keeps-")

    (line,) = log_lines()
    assert line["message"] == "the store does not remove what has expired: it knows no TTL"


class TestSingleTable:
    @pytest.fixture
    def tables(self, dynalite: str) -> DynamoTables:
        return DynamoTables("", FakeClock(), dynalite, credentials=CREDENTIALS, single_table=SINGLE_TABLE)

    @pytest.mark.engines
    def test_keeps_the_tables_apart(self, tables: DynamoTables, pk: str) -> None:
        items = {name: {"pk": pk, "sk": "-", "of": name, "version": 1} for name in TABLES}
        for name, item in items.items():
            tables.table(name).create(item)

        assert {name: tables.table(name).get(pk) for name in TABLES} == items
        assert [list(tables.table(name).query(pk).items) for name in TABLES] == [[item] for item in items.values()]

    @pytest.mark.engines
    def test_leaves_room_for_the_longest_key(self, tables: DynamoTables) -> None:
        for name in TABLES:
            item = {"pk": "k" * 2032, "sk": "s" * 1024, "version": 1}
            tables.table(name).put_many([item])
            assert tables.table(name).get("k" * 2032, "s" * 1024) == item

    def test_is_one_definition(self) -> None:
        assert [each["TableName"] for each in definitions("any-", "everything")] == ["everything"]

    @pytest.mark.parametrize("name", ["ab", "a.b", "x" * 49])
    def test_has_a_name_that_every_service_takes(self, name: str) -> None:
        settings = Settings(of({"KOOGALLERY_SINGLE_TABLE": name}), lambda store, name: name)
        with pytest.raises(ConfigurationError, match="3 to 48"):
            tables_of(settings, FakeClock())
