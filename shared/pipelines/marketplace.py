"""The one pipeline: a request becomes a verified call, a command, an outcome and a signed answer. No step looks
back.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from shared import log
from shared.app import App
from shared.clock import Deadline
from shared.commands import Command, Done, Failed, Outcome, Purchase
from shared.errors import (
    AuthenticationError,
    ConfigurationError,
    Conflict,
    InvalidParameter,
    KooGalleryError,
    NotSet,
    ResultCode,
    Unavailable,
)
from shared.http import HttpRequest, HttpResponse
from shared.pipelines.platform_handler import PlatformHandler
from shared.pipelines.preload import Needs
from shared.protocol.answer import code_of, unsigned
from shared.timeouts import within

if TYPE_CHECKING:
    from shared.call import Call
    from shared.protocol.choose import Dialect

Operation: TypeAlias = Callable[[Any, "Call", App], Outcome]
Rehearsal: TypeAlias = Callable[[Any, App], Outcome]

MAX_BODY = 1 << 20
"""Bytes. The largest documented call is far below; more is refused before anything is computed over it."""
MAX_SYNC_BODY = 4 << 20
"""Bytes. 500 users with every member filled in Chinese, escaped, stay below it."""
SYNC_PATH = "/produceAPI/"
KEYS = ("KOOGALLERY_KEY", "KOOGALLERY_ACCESS_KEY", "KOOGALLERY_NOTIFY_ACCESS_KEY", "KOOGALLERY_SYNC_ACCESS_KEY")
"""What the classes of interfaces are signed with; a seller has those of the interfaces offered."""

SIGNING = ("key", "access_key", "notify_access_key", "sync_access_key")
MODULES = (
    *("shared.protocol.choose", "shared.protocol.production.v1", "shared.protocol.production.v2"),
    *("cryptography.fernet", "cryptography.hazmat.primitives.ciphers", "cryptography.hazmat.primitives.padding"),
    *("cryptography.hazmat.primitives.kdf.hkdf", "pydantic.dataclasses", "_strptime"),
)
PARTS = ("tables", "nonces", "once", "instances", "agenda", "provisioner", "orders")
"""What calls import and build as they go."""

HARMLESS = (ResultCode.INVALID_PARAMETER, ResultCode.UNKNOWN_INSTANCE, ResultCode.IN_PROCESS)
UNKNOWN = "unknown"
LOGGED_IDS = ("instance_id", "order_id")
MARGIN = 1.5
"""Seconds kept back from the platform's time-out for signing and writing the answer, grace included."""
GRACE = 1.0
"""Seconds an operation may take to come back after its deadline; a store that hangs is not waited for any longer."""


def _succeed(_command: Command, _app: App) -> Outcome:
    return Done()


@dataclass(frozen=True)
class Interface:
    """What is unique to one marketplace interface.

    ``operate`` does the work; ``rehearse`` answers debug calls (``testFlag`` 1) in full without touching anything real.
    """

    name: str
    activities: frozenset[str]
    operate: Operation
    rehearse: Rehearsal = field(default=_succeed)


Find: TypeAlias = Callable[[str], Interface | None]


def endpoint(interface: Interface) -> PlatformHandler:
    """The handler function of one interface, for any platform."""
    return handler_for(lambda activity: interface if activity in interface.activities else None)


def handler_for(find: Find, modules: Iterable[str] = ()) -> PlatformHandler:
    """A handler function that finds the interface by ``activity``; ``modules`` are those it finds them in."""
    needs = Needs((*MODULES, *modules), SIGNING, PARTS)
    return PlatformHandler(lambda app, request, seconds: answer(app, request, find, seconds), _broken, needs)


def answer(app: App, request: HttpRequest, find: Find, seconds: float = float("inf")) -> HttpResponse:
    """Answer one request within ``seconds`` and the marketplace deadline, whatever happens.

    Every answer is signed, unless no key is configured to sign with.
    """
    started = app.clock.monotonic()
    try:
        exchange = _Exchange(app, request)
    except ConfigurationError as error:
        return _unsigned(app, request, error)
    problem: BaseException | None = None
    try:
        deadline = Deadline(app.clock, min(app.settings.deadline, max(seconds - MARGIN, 0.0)))
        outcome = exchange.outcome(find, deadline)
        response = exchange.dialect.encode(outcome, exchange.key)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever happens, the marketplace gets a signed answer
        problem, outcome = error, _failed(error, exchange.facts)
        response = exchange.dialect.encode(outcome, exchange.key)
    exchange.note(code_of(response), problem)
    milliseconds = round((app.clock.monotonic() - started) * 1000)
    log.event("answered", result=code_of(response), milliseconds=milliseconds, **exchange.facts)
    return response


class _Exchange:
    """One request on its way to an outcome. What is known so far: ``key`` signs the answer, ``facts`` may be logged."""

    def __init__(self, app: App, request: HttpRequest) -> None:
        self._app, self._request = app, request
        self.dialect = _dialect(app, request)
        self.key = self.dialect.signing_key()
        self.facts: dict[str, Any] = {"request_id": request.request_id}
        self._activity = UNKNOWN
        self._command: Command | None = None

    def outcome(self, find: Find, deadline: Deadline) -> Outcome:
        """Authenticate, decode, perform. Any error may come out."""
        if len(self._request.body) > (MAX_SYNC_BODY if SYNC_PATH in self._request.path else MAX_BODY):
            raise InvalidParameter("the body is too large")
        call = self.dialect.authenticate(self._request, deadline)
        self.key = call.key
        self.facts |= {"version": call.version.value, "test": call.test}
        interface = find(call.activity)
        self._activity = call.activity if interface else UNKNOWN  # else it may be any text
        with log.about(request_id=self._request.request_id):
            command = self._command = self.dialect.decode(call)
        if interface is None:
            raise InvalidParameter("activity does not belong to this address")
        self.facts |= {"activity": call.activity, "interface": interface.name}
        self.facts |= {name: value for name in LOGGED_IDS if (value := getattr(command, name, None))}
        # "In process" would mean that the order was accepted.
        late = Unavailable("no answer in time") if isinstance(command, Purchase) else None
        return within(deadline.later(GRACE), lambda: self._perform(interface, command, call), late)

    def note(self, code: str, problem: BaseException | None) -> None:
        """Leave a note of what the marketplace counts against the seller. A good call leaves none, and writes only
        what an outage has left behind.
        """
        with suppress(Exception):  # the answer is made, and nothing may keep it back
            if code != ResultCode.SUCCESS:
                self._app.failures.note(self._activity, self._command, self.facts, code, problem)
            elif "failures" in vars(self._app):  # built by what failed in this process
                self._app.failures.write()

    def _perform(self, interface: Interface, command: Command, call: "Call") -> Outcome:
        with log.about(**{name: self.facts[name] for name in ("request_id", *LOGGED_IDS) if self.facts.get(name)}):
            if call.test:
                self._app.nonces.spend(call)
                return interface.rehearse(command, self._app)
            return interface.operate(command, call, self._app)


def _broken() -> HttpResponse:
    return unsigned(Failed(ResultCode.INTERNAL_ERROR, "internal error"))


def _failed(error: BaseException, facts: dict[str, Any]) -> Failed:
    if isinstance(error, AuthenticationError):
        log.event("refused", reason=error.reason, **facts)
        return Failed(error.code, str(error))
    if isinstance(error, ConfigurationError):
        # What is misconfigured is the seller's business, not the marketplace's.
        log.alarm(str(error), **facts)
        return Failed(error.code, "internal error")
    if isinstance(error, Conflict):
        log.alarm(str(error), **facts)
        return Failed(error.code, str(error))
    if isinstance(error, KooGalleryError):
        # The marketplace counts what fails on this side towards delisting; what it got wrong itself is only noted.
        tell = log.event if error.code in HARMLESS else log.alarm
        tell("failed", error=type(error).__name__, reason=str(error), **facts)
        return Failed(error.code, str(error))
    log.failure("unforeseen error", error, **facts)
    return Failed(ResultCode.INTERNAL_ERROR, "internal error")


def _unsigned(app: App, request: HttpRequest, error: ConfigurationError) -> HttpResponse:
    """The answer where no key is set to check a call with, or to sign. A seller who has the keys of other interfaces
    does not offer this one, and strangers who try it are nobody's alarm.
    """
    if isinstance(error, NotSet) and _offers_others(app):
        log.event("refused", reason=str(error), request_id=request.request_id)
        return unsigned(Failed(ResultCode.AUTHENTICATION_FAILED, "authentication failed"))
    log.alarm(str(error), request_id=request.request_id)
    return _broken()


def _offers_others(app: App) -> bool:
    """A key that cannot be read is one that was set."""
    try:
        return any(map(app.settings.keys, KEYS))
    except ConfigurationError:
        return True


def _dialect(app: App, request: HttpRequest) -> "Dialect":
    if SYNC_PATH in request.path:
        from shared.protocol.choose import sync_dialect

        return sync_dialect(app.settings, app.clock, request)
    if request.method == "GET":
        from shared.protocol.production.v1 import V1

        return V1(app.settings, app.clock)
    from shared.protocol.choose import is_order_notice
    from shared.protocol.production.v2 import V2

    keys = app.settings.notify_access_key if is_order_notice(request) else app.settings.access_key
    return V2(app.settings, app.clock, keys)
