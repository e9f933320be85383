"""A right server passes; a server with one fault fails exactly the cases about it, with the advice that mends it.

The faults are those of public implementations and of the marketplace's own list of frequent questions.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote, unquote_plus, urlsplit

import pytest

from emulator.conformance import CASES, CallFactory, CaseVerdict, Keys, Result, Runner, chosen
from emulator.conformance.case import CallCase
from emulator.conformance.causes import causes
from emulator.development import rsa_key
from emulator.wire.calls import url_of
from emulator.wire.client import Answer, NoAnswer, send
from emulator.wire.client_secret import public_half
from shared.clock import SystemClock
from shared.http import HttpRequest
from shared.protocol.field_cipher import FieldCipher
from tests.emulator.conformance.seller import ACCESS_KEY, KEY, NOTIFY_KEY, OWN, SYNC_KEY, Refused, Seller, mac
from tests.emulator.conformance.server import Raw, Reply, serving

pytestmark = pytest.mark.e2e


def check(server: Any, *only: str) -> dict[str, Result]:
    """What the catalogue finds in ``server``, real orders and sync included: the whole, or cases of these names."""
    return found_by(handed_to(server), "http://127.0.0.1/isv", only)


def handed_to(server: Any) -> Callable[[HttpRequest], Answer]:
    """Sends without a wire."""

    def handed(request: HttpRequest) -> Answer:
        path, _, query = url_of("", request).partition("?")
        headers = {name.lower(): value for name, value in request.headers.items()}
        reply = server(Raw(request.method, path, query, headers, request.body))
        return Answer(reply.status, (("Date", formatdate(usegmt=True)), *reply.headers.items()), reply.body)

    return handed


def check_over_http(server: Any) -> dict[str, Result]:
    """The same over HTTP."""
    with serving(server) as url:
        base = f"http://{urlsplit(url).netloc}"
        return found_by(lambda request: send(base, request, 5), url)


def found_by(
    exchange: Callable[[HttpRequest], Answer | NoAnswer], url: str, only: Sequence[str] = ()
) -> dict[str, Result]:
    keys = Keys(KEY, ACCESS_KEY, NOTIFY_KEY, SYNC_KEY, public_half(rsa_key()))
    runner = Runner(url, CallFactory(keys, SystemClock(), urlsplit(url).path), exchange)
    return {result.case.id: result for result in runner.run(chosen(only, ("v1", "v2"), real=True, sync=True))}


def told_as(results: Mapping[str, Result], things: int) -> None:
    """Everything bad is told, as so many things to mend, each with advice and an exchange to look at."""
    mended = causes(list(results.values()), {})
    assert len(mended) == things, [each.id for each in mended]
    explained = [result.case.id for each in mended for result in each.results]
    assert sorted(explained) == sorted(having(results, CaseVerdict.FAILED) | having(results, CaseVerdict.WARNING))
    assert all(each.advice and each.exchange for each in mended)


def having(results: Mapping[str, Result], verdict: CaseVerdict) -> set[str]:
    return {case_id for case_id, result in results.items() if result.verdict is verdict}


@pytest.mark.parametrize("way", [check, check_over_http])
def test_a_right_server_passes_every_case(way):
    results = way(Seller())
    assert having(results, CaseVerdict.SKIPPED) == {"address.https", "address.name"}
    assert having(results, CaseVerdict.PASSED) == set(results) - {"address.https", "address.name"}


# --- the answer ---


class NoQuotes(Seller):
    def body_sign(self, body, key):
        return super().body_sign(body, key).replace('"', "")


class OtherSignType(Seller):
    def body_sign(self, body, key):
        return super().body_sign(body, key).replace("HMAC-SHA256", "HmacSHA256")


class LowerCaseHeader(Seller):
    def headers(self, body, key):
        return {name.lower() if name == "Body-Sign" else name: v for name, v in super().headers(body, key).items()}


class SignedWithTime(Seller):
    def body_sign(self, body, key):
        return super().body_sign(body, f"{key}20260101000000000")


class ChangedAfterSigning(Seller):
    def sent(self, body):
        return body + b"\n"


class UnsignedRefusals(Seller):
    def refusal(self, refused, key):
        reply = super().refusal(refused, key)
        return replace(reply, headers={"Content-Type": reply.headers["Content-Type"]})


class Html(Seller):
    def headers(self, body, key):
        return super().headers(body, key) | {"Content-Type": "text/html;charset=UTF-8"}


class AdHocErrors(Seller):
    """HTTP 400 with codes of one's own, as HW-REMIX answers."""

    def refusal(self, refused, key):
        reply = self.reply({"code": 40001, "error": "bad request"}, key)
        return replace(reply, status=400)


class Crash(Seller):
    """An unknown activity ends in the framework's error page, as with HW-JAVA's null reference."""

    def __call__(self, raw: Raw) -> Reply:
        if b"conformanceCheck" in raw.body or "conformanceCheck" in raw.query:
            return Reply(500, {"Content-Type": "text/html"}, b"<h1>Internal Server Error</h1>")
        return super().__call__(raw)


class NumberAsCode(Seller):
    def encode(self, members):
        return super().encode({**members, "resultCode": int(members["resultCode"])})


class NoMessage(Seller):
    def encode(self, members):
        return super().encode({name: value for name, value in members.items() if name != "resultMsg"})


class NoFrontEnd(Seller):
    def access(self, key):
        return {name: value for name, value in super().access(key).items() if name != "frontEndUrl"}


class LongUrl(Seller):
    def access(self, key):
        return super().access(key) | {"frontEndUrl": f"https://app.example.com/{'x' * 500}"}


class BareHost(Seller):
    def access(self, key):
        return super().access(key) | {"frontEndUrl": "app.example.com"}


class ChineseMessage(Seller):
    def encode(self, members):
        return super().encode({**members, "resultMsg": "购买成功"})


class RawChinese(Seller):
    def encode(self, members):
        return json.dumps(members, ensure_ascii=False).encode()


class LongPassword(Seller):
    def access(self, key):
        text = "p" * 96
        return super().access(key) | ({"password": FieldCipher([KEY]).encrypt(text)} if key == KEY else {})


class PlainPassword(Seller):
    def access(self, key):
        return super().access(key) | {"userName": "admin", "password": "Passw0rd!"}


class WrongSize(Seller):
    def created(self, instance, key):
        return super().created(instance, key) | {"encryptType": "2"}


class TellsSignature(Seller):
    """HW-REMIX writes the expected signature down when it refuses one."""

    def why(self, right):
        return f"expected {right}"


# --- version 1: the query ---


class FixedParameters(Seller):
    """A list of names instead of all that came."""

    KNOWN = (
        "activity amount businessId chargingMode customerId customerName email expireTime instanceId instanceStatus "
        "mobilePhone orderAmount orderId periodNumber periodType productId saasExtendParams skuCode testFlag timeStamp "
        "trialFlag trialToFormal userName"
    )

    def signed_names(self, fields):
        return [name for name in super().signed_names(fields) if name in self.KNOWN.split()]


class Unsorted(Seller):
    def signed_names(self, fields):
        return list(fields)


class SkipsEmpty(Seller):
    """The rule of the sync interfaces, applied to the query."""

    def signed_names(self, fields):
        return [name for name in super().signed_names(fields) if fields[name]]


class PlusStays(Seller):
    def decode(self, value):
        return unquote(value)


class DecodesTwice(Seller):
    def decode(self, value):
        return unquote_plus(unquote_plus(value))

    def repaired(self, token):
        return token


class Latin1(Seller):
    def decode(self, value):
        return unquote_plus(value, encoding="latin-1")


class IgnoresCase(Seller):
    def same_token(self, token, right):
        return token.lower() == right.lower()


class AnyToken(Seller):
    def same_token(self, token, right):
        return True


class EmptyKey(Seller):
    """A second key that was never set."""

    def token(self, fields):
        self.fields = fields
        return super().token(fields)

    def same_token(self, token, right):
        data = "&".join(f"{name}={self.fields[name]}" for name in sorted(self.fields))
        unset = base64.b64encode(mac(self.fields["timeStamp"], data.encode())).decode()
        return token in (right, unset)


# --- version 2: the body ---


class Reserialised(Seller):
    """Signs what JSON.stringify makes of what was parsed."""

    def digest(self, key, body):
        return mac(key, self.again(body)).hex()

    def again(self, body: bytes) -> bytes:
        try:
            return json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":")).encode()
        except ValueError:
            return body


class SortedAgain(Reserialised):
    """HW-JAVA signs a sorted map made of the body."""

    def again(self, body):
        try:
            return json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        except ValueError:
            return body


class UnkeyedToo(Seller):
    def same_signature(self, signature, key, nonce, stamp, body):
        unkeyed = mac(key, f"{key}{nonce}{stamp}{hashlib.sha256(body).hexdigest()}".encode()).hex()
        return super().same_signature(signature, key, nonce, stamp, body) or signature.lower() == unkeyed


class Unkeyed(Seller):
    """HW-REMIX hashes the body without the key, as the page's formula reads."""

    def digest(self, key, body):
        return hashlib.sha256(body).hexdigest()


class UpperCaseOnly(Seller):
    def same_signature(self, signature, key, nonce, stamp, body):
        return signature == signature.upper() and super().same_signature(signature, key, nonce, stamp, body)


class AnySignature(Seller):
    def same_signature(self, signature, key, nonce, stamp, body):
        return bool(signature)


class Forgetful(Seller):
    """Reads the nonce and never remembers it."""

    def remember(self, nonce, signature):
        pass


class Future(Seller):
    """Only the past is refused."""

    def in_time(self, age):
        return age <= 60_000


class NoWindow(Seller):
    def in_time(self, age):
        return True


class Impatient(Seller):
    def in_time(self, age):
        return -60_000 <= age <= 20_000


class BasicKeyForNotices(Seller):
    def same_signature(self, signature, key, nonce, stamp, body):
        return super().same_signature(signature, ACCESS_KEY, nonce, stamp, body)


class Strict(Seller):
    """Refuses what it does not know."""

    def read(self, activity, fields):
        if {"futureField", "Zone"} & set(fields):
            raise Refused("000002", "unknown parameter")
        super().read(activity, fields)


class UnknownCode(Seller):
    def refusal(self, refused, key):
        return super().refusal(Refused("000005" if refused.code == "000002" else refused.code), key)


# --- life ---


class Echo(Seller):
    """HW-JAVA answers each purchase with its own businessId."""

    def instance(self, fields):
        self.instances[str(fields["businessId"])] = "active"
        return str(fields["businessId"])


class ByOrderOnly(Seller):
    def instance(self, fields):
        return super().instance({**fields, "productId": None})


class ReleaseOnce(Seller):
    def release(self, instance):
        if self.instances[instance] == "released":
            raise Refused("000003", "already released")
        super().release(instance)


class DebugReleases(Seller):
    """testFlag is ignored where it hurts."""

    def rehearse_release(self, instance):
        if instance in self.instances:
            self.release(instance)


class FirstOnly(Seller):
    def asked(self, ids):
        return ids[:1]


class NeverUnknown(Seller):
    """HW-JAVA answers a query for any id."""

    def change(self, activity, ids):
        if activity == "releaseInstance":
            self.instances[ids[0]] = "released"


# --- sync ---


class SyncBytes(Seller):
    """Signs the bytes received, unsorted."""

    def payload(self, body):
        return body


class SyncBlanks(Seller):
    """The rule of the query, applied to the sync interfaces: blank members are signed."""

    def sync_token(self, fields):
        data = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
        return base64.b64encode(mac(KEY + fields["timeStamp"], data.encode())).decode()


class SyncNeedsInstance(Seller):
    def sync_id(self, fields):
        return bool(fields["instanceId"])


class SyncOldFlags(Seller):
    def flags(self):
        return (0, 1)


class OtherRsaKey(Seller):
    def decrypt(self, ciphertext):
        raise Refused("000101", "appSecret wrong")


class Swallows(Seller):
    """A value may hold a parameter."""

    def hides(self, fields):
        return False


class MovesDigits(Seller):
    """Ten digits are seconds, whatever stands before them."""

    def single(self, nonce, stamp):
        return True


class PresenceDecides(Seller):
    """A member need only be there, signed or not."""

    def belongs(self, name, fields):
        return any(own in fields for own in OWN[name])


class VerifiesTheFirst(Seller):
    """Of a name that stands twice one value is verified and the other one used."""

    def verified(self, body):
        return json.loads(body, object_pairs_hook=lambda pairs: dict(reversed(pairs)))


class AnswersOnce(Seller):
    """A nonce that came before is refused, whatever came with it."""

    def remember(self, nonce, signature):
        if nonce in self.nonces:
            raise Refused("000001", "authentication failed")
        self.nonces[nonce] = signature


@dataclass(frozen=True)
class Found:
    """What must fail and what may warn; a word of the first one's advice; as how many things to mend it is told."""

    failed: str
    word: str
    warned: str = ""
    things: int = 1


V1_SIGNED = "wrong-token other-key empty-key letter-case changed added"
V2_SIGNED = "wrong-signature other-key empty-key unkeyed-body unkeyed changed no-time no-nonce"

FAULTS: Mapping[type[Seller], Found] = {
    NoQuotes: Found("sign.quotes", 'sign_type="HMAC-SHA256"'),
    OtherSignType: Found("sign.type", 'sign_type="HMAC-SHA256"'),
    LowerCaseHeader: Found("sign.name", "HTTP/1.1"),
    SignedWithTime: Found("sign.value", "no timeStamp"),
    ChangedAfterSigning: Found("sign.value", "very bytes"),
    UnsignedRefusals: Found("sign.present", "errors too"),
    Html: Found("http.content-type", "application/json"),
    AdHocErrors: Found("http.status body.result-code body.result-msg", "HTTP 200 always"),
    Crash: Found("http.status http.content-type sign.present body.json", "HTTP 200 always"),
    NumberAsCode: Found("body.result-code", "string of six digits"),
    NoMessage: Found("body.result-msg", "resultMsg"),
    NoFrontEnd: Found("body.mandatory", "appInfo.frontEndUrl"),
    LongUrl: Found("body.lengths", "documented lengths"),
    BareHost: Found("body.forms", "absolute http(s)"),
    ChineseMessage: Found("body.ascii", "Only memo"),
    RawChinese: Found("body.escaped", "\\uXXXX"),
    LongPassword: Found("body.lengths", "ciphertext counts"),
    PlainPassword: Found("cipher.opens", "AES-CBC"),
    WrongSize: Found("cipher.opens", "encryptType"),
    TellsSignature: Found("body.no-secret", "one fixed text"),
    FixedParameters: Found("v1.request.unknown", "all parameters received"),
    Unsorted: Found("v1.request.order", "Sort the names"),
    SkipsEmpty: Found("v1.request.empty", "name="),
    PlusStays: Found("v1.request.plus-space", "+ is a space"),
    DecodesTwice: Found(
        "v1.request.token-plus v1.request.reserved v1.new.contact",
        "exactly once",
        "v1.request.token-raw-plus",
        things=4,  # token, reserved characters, ciphertext, and a warning
    ),
    Latin1: Found("v1.request.chinese", "UTF-8"),
    IgnoresCase: Found("v1.refused.letter-case", "equalsIgnoreCase"),
    AnyToken: Found(" ".join(f"v1.refused.{name}" for name in V1_SIGNED.split()), "constant time"),
    EmptyKey: Found("v1.refused.empty-key", "while no key is set"),
    Reserialised: Found("v2.request.body-spaces v2.request.body-escapes", "bytes received"),
    SortedAgain: Found("v2.request.body-order v2.request.body-spaces v2.request.body-escapes", "bytes received"),
    UnkeyedToo: Found("v2.refused.unkeyed-body", "not plain SHA-256"),
    UpperCaseOnly: Found("v2.request.lower-case", "in one case"),
    AnySignature: Found(" ".join(f"v2.refused.{name}" for name in V2_SIGNED.split()[:6]), "bytes received"),
    Forgetful: Found("v2.refused.used-nonce v2.sync-refused.used-nonce", "Keep each nonce"),
    Future: Found("v2.refused.future", "absolute difference"),
    NoWindow: Found("v2.refused.old v2.refused.future", "more than 60 seconds old", things=2),
    Impatient: Found("v2.request.past", "60 seconds"),
    BasicKeyForNotices: Found("v2.life.order-notify", "access key of its own"),
    Strict: Found("v1.request.unknown v2.request.unknown-member", "ignore unknown"),
    Echo: Found("v1.real.same-order v2.real.same-order", "by orderId"),
    ByOrderOnly: Found("v1.real.second-product", "orderId and productId"),
    ReleaseOnce: Found("v1.real.release-twice v2.real.release-twice", "is a success"),
    DebugReleases: Found("v1.real.debug-is-harmless v2.real.debug-is-harmless", "change nothing"),
    FirstOnly: Found("v1.life.query-many v2.life.query-many", "commas"),
    SyncBytes: Found("v2.sync.order", "Sort the top-level names"),
    SyncBlanks: Found(
        "v1.sync.tenant-credential v1.sync.department v1.sync.department-deleted", "both empty", things=3
    ),
    SyncNeedsInstance: Found("v1.sync.tenant-credential v2.sync.tenant-credential", "both empty"),
    SyncOldFlags: Found("v2.sync.tenant-changed v2.sync.users-revoked", "flag 2"),
    Swallows: Found("v1.refused.swallowed v1.sync-refused.swallowed", "documented parameter"),
    MovesDigits: Found("v2.refused.moved-digits v2.sync-refused.moved-digits", "three digits"),
    PresenceDecides: Found(
        "v1.sync-refused.department-as-tenant v1.sync-refused.users-as-application "
        "v2.sync-refused.department-as-tenant v2.sync-refused.users-as-application",
        "not signed",
        things=2,  # departments and users
    ),
    VerifiesTheFirst: Found("v1.sync-refused.tenant-twice v2.sync-refused.tenant-twice", "Verify what you use"),
    OtherRsaKey: Found("v1.sync.application v2.sync.application", "RSA-OAEP"),
    NeverUnknown: Found(
        "v1.real.renew-released v1.real.unknown-instance v2.real.renew-released v2.real.unknown-instance", "000003"
    ),
}


@pytest.mark.sweep
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_one_fault_fails_exactly_its_cases(fault):
    found = FAULTS[fault]
    results = check(fault())
    assert having(results, CaseVerdict.FAILED) == set(found.failed.split())
    assert having(results, CaseVerdict.WARNING) == set(found.warned.split())
    first = results[found.failed.split()[0]]
    assert found.word in str(first.case.advice)
    assert first.reason
    assert first.exchanges
    told_as(results, found.things)


@pytest.mark.parametrize("fault", [LowerCaseHeader, PlusStays])
def test_the_same_is_found_over_http(fault):
    results = check_over_http(fault())
    assert having(results, CaseVerdict.FAILED) == set(FAULTS[fault].failed.split())
    assert having(results, CaseVerdict.WARNING) == set(FAULTS[fault].warned.split())


def test_the_wrong_code_for_what_cannot_be_done_fails_every_such_case():
    wrong = having(check(UnknownCode()), CaseVerdict.FAILED)
    bad = {case.id for case in CASES if "refused." in case.id and "000002" in str(case.advice)}
    assert wrong == bad
    assert len(bad) > 10


def test_a_server_that_hashes_without_the_key_refuses_all_of_version_2():
    failed = having(check(Unkeyed()), CaseVerdict.FAILED)
    calls = {
        case.id
        for case in CASES
        if isinstance(case, CallCase) and case.version == "v2" and not case.advised and not case.sync
    }
    still_refused = {f"v2.refused.{name}" for name in ("wrong-signature", "no-signature", "other-key")}
    assert {"v2.request.genuine", "v2.refused.unkeyed-body"} <= failed < calls
    assert not still_refused & failed


def test_version_2_need_not_be_signed_but_should_be():
    class Unsigned(Seller):
        def headers(self, body, key):
            headers = super().headers(body, key)
            return headers if key == KEY else {"Content-Type": headers["Content-Type"]}

    results = check(Unsigned())
    assert having(results, CaseVerdict.FAILED) == set()
    assert having(results, CaseVerdict.WARNING) == {"sign.present"}


def test_a_server_that_refuses_the_very_same_call_is_warned():
    results = check(AnswersOnce())
    assert having(results, CaseVerdict.FAILED) == set()
    assert having(results, CaseVerdict.WARNING) == {"v2.request.again", "v2.sync.again"}
