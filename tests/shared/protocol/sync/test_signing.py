"""Signatures of the sync interfaces."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.errors import AuthenticationError, InvalidParameter
from shared.protocol.sync.lenient_json import read_members
from shared.protocol.sync.signing import (
    canonical,
    check_moment,
    payload_members,
    property_members,
    read_sign,
    read_token,
    sign_payload,
    sign_properties,
    verify_payload,
    verify_properties,
)
from tests.vectors import each

KEY, OLD = "sync-access-key", "old-sync-access-key"
NOW = datetime(2024, 5, 22, 7, 42, 58, 801000, tzinfo=UTC)
STAMP, NONCE = "1716363778801", "RLLUammMSInlrNWb"
MEMBERS = {"timeStamp": "20220413093539534", "flag": "1", "name": "A"}
TOKEN = sign_properties(KEY, MEMBERS)
PROPERTIES = """
appId authToken clientId clientSecret currentSyncTime domainName flag instanceId name orderId orgCode orgInfo
orgInfoList orgName parentCode tenantCode tenantId testFlag timeStamp userList
"""
"""Every one that a body has (joint operation, section 3)."""


def verify(signature: str, payloads: list[bytes], keys: list[str] | None = None) -> str:
    return verify_payload(keys or [KEY], signature=signature, timestamp=STAMP, nonce=NONCE, payloads=payloads)


class TestPayload:
    @each("sync_sign", "v2")
    def test_vector(self, vector):
        payload = canonical(read_members(vector["body"].encode()))
        assert payload.decode() == vector["canonical"]
        fixed = {"timestamp": vector["timestamp"], "nonce": vector["nonce"], "payloads": [payload]}
        for sign in (vector["sign"], vector["sign"].upper(), f'"{vector["sign"]}"', f"“{vector['sign']}”"):
            assert verify_payload([vector["key"]], signature=sign, **fixed) == vector["key"]
        assert sign_payload(vector["key"], vector["nonce"], vector["timestamp"], payload).lower() == vector["sign"]

    def test_canonical_or_raw_whichever_was_signed(self):
        canonical_, raw = b'{"a":1}', b'{ "a" : 1 }'
        for payload in (canonical_, raw):
            assert verify(sign_payload(KEY, NONCE, STAMP, payload), [canonical_, raw]) == KEY
        with pytest.raises(AuthenticationError):
            verify(sign_payload(KEY, NONCE, STAMP, b'{"a":2}'), [canonical_, raw])

    def test_several_keys(self):
        sign = sign_payload(OLD, NONCE, STAMP, b"{}")
        assert verify(sign, [b"{}"], [KEY, OLD]) == OLD

    @pytest.mark.parametrize("changed", ["nonce", "timestamp", "payload", "key"])
    def test_everything_is_signed(self, changed):
        parts = {"key": KEY, "nonce": NONCE, "timestamp": STAMP, "payload": "{}"} | {changed: "other"}
        sign = sign_payload(parts["key"], parts["nonce"], parts["timestamp"], parts["payload"].encode())
        with pytest.raises(AuthenticationError) as refused:
            verify(sign, [b"{}"])
        assert refused.value.reason == "signature"

    @pytest.mark.parametrize("signature", ["", '""', " "])
    def test_none_is_missing(self, signature):
        with pytest.raises(AuthenticationError) as refused:
            verify(signature, [b"{}"])
        assert refused.value.reason == "missing"

    @pytest.mark.parametrize("signature", ["x", "é", "0" * 64, "0" * 63, "\u0660" * 64])
    def test_malformed_is_wrong(self, signature):
        with pytest.raises(AuthenticationError):
            verify(signature, [b"{}"])

    def test_an_empty_key_never_verifies(self):
        with pytest.raises(AuthenticationError):
            verify(sign_payload("", NONCE, STAMP, b"{}"), [b"{}"], [""])


class TestMoment:
    @pytest.mark.parametrize("off", [-60, -59.999, 0, 60])
    def test_within_a_minute_to_either_side(self, off):
        sent = check_moment(STAMP, NONCE, NOW + timedelta(seconds=off))
        assert sent == NOW

    def test_seconds_of_older_pages(self):
        assert check_moment("1716363778", NONCE, NOW) == NOW.replace(microsecond=0)

    @pytest.mark.parametrize("off", [-60.002, 60.002, 86400])
    def test_farther_off_is_refused(self, off):
        with pytest.raises(InvalidParameter, match=r"^x-timestamp is more than 60 seconds off$"):
            check_moment(STAMP, NONCE, NOW + timedelta(seconds=off))

    @pytest.mark.parametrize(
        "timestamp", ["", "now", "171636377880", "17163637788011", "-716363778801", "１７１６３６３７７８８０１"]
    )
    def test_what_is_no_timestamp(self, timestamp):
        with pytest.raises(InvalidParameter, match=r"^x-timestamp is missing or malformed$"):
            check_moment(timestamp, NONCE, NOW)

    @pytest.mark.parametrize("nonce", ["", "é", "a\n", "x" * 129, "a{"])
    def test_what_is_no_nonce(self, nonce):
        with pytest.raises(InvalidParameter, match=r"^x-nonce is missing or malformed$"):
            check_moment(STAMP, nonce, NOW)


class TestProperties:
    @each("sync_sign", "v1")
    def test_vector(self, vector):
        members = read_members(vector["body"].encode())
        assert sign_properties(vector["key"], members) == vector["authToken"]
        for token in (vector["authToken"], f'"{vector["authToken"]}"', f'"{vector["authToken"]}”'):
            assert verify_properties([vector["key"]], token, members) == vector["key"]

    def test_a_plus_that_became_a_space(self):
        stamps = (f"202204130935395{number:02}" for number in range(100))
        members = next(m for s in stamps if "+" in sign_properties(KEY, m := {**MEMBERS, "timeStamp": s}))
        token = sign_properties(KEY, members)
        assert verify_properties([KEY], token.replace("+", " "), members) == KEY

    def test_blanks_and_nulls_are_not_signed(self):
        more = {"parentCode": "", "orderId": None, "name2": " "}
        assert sign_properties(KEY, {**MEMBERS, **more}) == sign_properties(KEY, MEMBERS)

    def test_several_keys(self):
        assert verify_properties([KEY, OLD], sign_properties(OLD, MEMBERS), MEMBERS) == OLD

    @pytest.mark.parametrize(
        "members", [{**MEMBERS, "flag": "0"}, {**MEMBERS, "timeStamp": "2"}, {**MEMBERS, "x": "1"}, {"timeStamp": "1"}]
    )
    def test_everything_else_is_signed(self, members):
        with pytest.raises(AuthenticationError):
            verify_properties([KEY], sign_properties(KEY, MEMBERS), members)

    @pytest.mark.parametrize(
        ("token", "members"),
        [("", MEMBERS), ('""', MEMBERS), (TOKEN, {}), (TOKEN, {"timeStamp": ""}), (TOKEN, {"timeStamp": None})],
    )
    def test_without_token_or_time_stamp(self, token, members):
        with pytest.raises(AuthenticationError) as refused:
            verify_properties([KEY], token, members)
        assert refused.value.reason == "missing"

    def test_no_property_can_be_hidden_in_the_one_before_it(self):
        members = {**MEMBERS, "tenantId": "t", "testFlag": "0"}
        token = sign_properties(KEY, members)
        moved = {**MEMBERS, "tenantId": "t&testFlag=0"}
        assert sign_properties(KEY, moved) == token
        with pytest.raises(AuthenticationError):
            verify_properties([KEY], token, moved)
        with pytest.raises(AuthenticationError):
            verify_properties([KEY], sign_properties(KEY, {**MEMBERS, "a=b": "c"}), {**MEMBERS, "a=b": "c"})

    @pytest.mark.parametrize("name", PROPERTIES.split())
    def test_no_documented_property_hides_in_the_value_of_another(self, name):
        members = {"timeStamp": MEMBERS["timeStamp"], "Before": f"1&{name}=2"}
        with pytest.raises(AuthenticationError):
            verify_properties([KEY], sign_properties(KEY, members), members)

    def test_a_value_that_may_have_ended_before_is_refused_unless_it_is_a_list(self):
        members = {**MEMBERS, "name": "A&o=1"}
        with pytest.raises(AuthenticationError):
            verify_properties([KEY], sign_properties(KEY, members), members)
        for name in ("orgInfo", "orgInfoList", "userList"):
            lists: dict[str, Any] = {**MEMBERS, name: [{"name": f"A&{name}s=1"}]}
            assert verify_properties([KEY], sign_properties(KEY, lists), lists) == KEY

    def test_a_lone_surrogate_is_refused_like_a_wrong_signature(self):
        with pytest.raises(AuthenticationError) as refused:
            verify_properties([KEY], TOKEN, {**MEMBERS, "name": "\ud800"})
        assert refused.value.reason == "signature"

    @pytest.mark.parametrize(("read", "text"), [(read_sign, "0" * 63 + "G"), (read_token, "0" * 44)])
    def test_what_can_be_no_signature_is_not_compared(self, read, text):
        with pytest.raises(AuthenticationError) as refused:
            read(text)
        assert refused.value.reason == "signature"

    def test_what_only_looks_like_it_is_let_through(self):
        users = '[{"userName":"a","extension":"https://a.example/?x=1&name=b&flag=2"}]'
        members = {**MEMBERS, "userList": users}
        assert verify_properties([KEY], sign_properties(KEY, members), members) == KEY

    def test_a_name_with_blanks_around_it(self):
        members = {" timeStamp": "20220413093539534", "flag": "1"}
        token = sign_properties(KEY, {"timeStamp": "20220413093539534", "flag": "1"})
        with pytest.raises(AuthenticationError) as refused:
            verify_properties([KEY], token, members)
        assert refused.value.reason == "signature"

    def test_members_that_were_not_signed_are_left_out(self):
        members: dict[str, Any] = {
            "a": "1",
            "b": None,
            "c": "",
            "d": " \u3000",
            "authToken": "t",
            "e": [],
            "f": {},
            "g": False,
        }
        assert property_members(members) == {"a": "1", "e": [], "f": {}, "g": False}
        assert payload_members(members) == {name: value for name, value in members.items() if name != "b"}

    @pytest.mark.parametrize("name", ["testFlag", " testFlag", "testFlag "])
    def test_nor_one_with_blanks_around_its_name(self, name):
        signed = {**MEMBERS, " tenantId": "t", name: "0"}
        token = sign_properties(KEY, signed)
        first, second = sorted((" tenantId", name))
        moved = {**MEMBERS, first: f"{signed[first]}&{second}={signed[second]}"}
        if sign_properties(KEY, moved) == token:
            with pytest.raises(AuthenticationError):
                verify_properties([KEY], token, moved)
        assert verify_properties([KEY], token, signed) == KEY
