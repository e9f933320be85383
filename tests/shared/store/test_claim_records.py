"""Claims under the keys that Powertools' idempotency gave them in earlier releases."""

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig
from hypothesis import given
from hypothesis import strategies as st

from shared.store.claim_records import record_key


@given(st.text(min_size=1))
def test_keys_are_those_of_powertools(key: str) -> None:
    records = DynamoDBPersistenceLayer("t", boto3_client=object())
    config = IdempotencyConfig(event_key_jmespath="key", payload_validation_jmespath="payload", hash_function="sha256")
    records.configure(config, key_prefix="order")

    assert record_key(key) == records._get_hashed_idempotency_key({"key": key, "payload": {}})
    digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert records._get_hashed_payload({"key": key, "payload": {}}) == digest
