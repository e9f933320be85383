"""Our signature against botocore's signer, for whatever is sent."""

from datetime import UTC, datetime

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as TheirCredentials
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.aws.credentials import Credentials
from shared.aws.signature import ALGORITHM, signed
from tests.examples import examples

VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)
SEGMENT = st.text("abc-._~%20", min_size=1, max_size=6).filter(lambda text: set(text) != {"."})
HOSTS = ("dynamodb.eu-west-1.amazonaws.com", "127.0.0.1:8000", "10.0.0.7:80", "host.example:443", "[::1]:8000")


@settings(max_examples=examples(200), deadline=None)
@given(
    scheme=st.sampled_from(["http", "https"]),
    host=st.sampled_from(HOSTS),
    path=st.lists(SEGMENT, max_size=3).map(lambda parts: "".join(f"/{part}" for part in parts)),
    body=st.binary(max_size=200),
    secret=VISIBLE,
    token=st.just("") | VISIBLE,
    values=st.lists(st.text(" abc", max_size=8), max_size=3),
    at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_it_is_that_of_botocore(scheme, host, path, body, secret, token, values, at) -> None:  # noqa: PLR0917
    url = f"{scheme}://{host}{path}"
    headers = {"X-Amz-Target": "A_1.B", **{f"X-{number}": value for number, value in enumerate(values)}}
    made = signed(
        url,
        headers,
        body,
        service="dynamodb",
        region="eu-west-1",
        credentials=Credentials("AK", secret, token),
        at=at.replace(tzinfo=UTC),
    )

    theirs = SigV4Auth(TheirCredentials("AK", secret, token or None), "dynamodb", "eu-west-1")
    request = AWSRequest("POST", url, {**headers, "X-Amz-Date": made["X-Amz-Date"]}, body)
    request.context["timestamp"] = made["X-Amz-Date"]
    if token:
        request.headers["X-Amz-Security-Token"] = token
    expected = theirs.signature(theirs.string_to_sign(request, theirs.canonical_request(request)), request)
    assert made["Authorization"].startswith(f"{ALGORITHM} Credential=AK/{made['X-Amz-Date'][:8]}/eu-west-1/dynamodb/")
    assert made["Authorization"].endswith(f"Signature={expected}")
    assert made.get("X-Amz-Security-Token", "") == token


def test_secrets_are_not_shown() -> None:
    assert repr(Credentials("AK", "my-secret", "my-token")) == "Credentials(access_key='AK')"
