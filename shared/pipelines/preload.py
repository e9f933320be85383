"""What a first call would do, done before it: imports, models, the client of the store, secrets.

A platform starts a process at full speed and waits for it; a call goes on at the share of a processor that its memory
buys, and within the marketplace's deadline. So everything is built while Lambda imports the handler (``INIT``), in
FunctionGraph's initializer, and before a snapshot is taken::

    start      import ─▶ preload ─▶ first call
    snapshot   import ─▶ preload ─▶ let go ─▶ SNAPSHOT ─▶ many: begin anew ─▶ preload ─▶ first call

Whatever goes wrong here, or takes too long, is tried again by the first call, and told by that.
"""

import os
import random
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from shared import log
from shared.app import App, bootstrap, forget
from shared.clock import Deadline, SystemClock
from shared.config import Lookup
from shared.errors import KooGalleryError, NotSet, Unavailable
from shared.timeouts import within

INITIALIZING = "AWS_LAMBDA_INITIALIZATION_TYPE"
"""Set in Lambda's processes, and in no other."""
SNAPSHOT = "snap-start"
LIMIT = 6.0
"""Seconds for what others must answer to. Lambda gives ``INIT``, and the hooks after a snapshot, 10 with the imports,
and starts a process anew that takes longer.
"""
SNAPSHOT_LIMIT = 60.0
"""Before a snapshot there are minutes, and what is still on its way then would go into it."""


@dataclass(frozen=True)
class Needs:
    """What the calls of a handler need, by name: modules, settings, and parts of the app. What is not set is left to
    the calls that need it.
    """

    modules: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


def preload(needs: Needs, lookup: Lookup, seconds: float = LIMIT) -> bool:
    """Get ready for calls, within ``seconds`` beside the imports; was everything there?"""
    try:
        for module in needs.modules:
            import_module(module)  # here: another thread would wait for the module that is being imported
        late = Unavailable("it takes too long")
        within(Deadline(SystemClock(), seconds), lambda: _prepare(needs, bootstrap(lookup)), late)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a process that does not start answers nobody
        reason = {"reason": str(error)} if isinstance(error, KooGalleryError) else {}
        log.event("not ready before the first call, which tries again", error=type(error).__name__, **reason)
        return False
    return True


def preload_at_start(needs: Needs) -> None:
    """On Lambda, :func:`preload`: to import a handler's module is to start there. Only for the first handler, which is
    the one that was asked for; others are imported by it.
    """
    kind = os.environ.get(INITIALIZING)
    if kind is None or _started:
        return
    _started.append(needs)
    import_module("shared.runtimes.aws_lambda")
    if kind == SNAPSHOT:
        preload(needs, os.environ.get, SNAPSHOT_LIMIT)
        _register(needs)
    else:
        preload(needs, os.environ.get)


def let_go() -> None:
    """Before a snapshot: nothing connected, secret or timed goes into it."""
    from shared.aws.credentials import forget_credentials
    from shared.aws.signature import forget_keys
    from shared.config.values import forget_objects
    from shared.outbound.client import forget_connections
    from shared.secrets import forget_secrets

    forget()
    forget_connections()
    forget_credentials()
    forget_keys()
    forget_objects()
    forget_secrets()


def begin_anew() -> None:
    """After a snapshot, which may go on as many processes: no two draw the same random numbers."""
    import ssl

    random.seed()
    ssl.RAND_add(os.urandom(32), 32.0)


def _register(needs: Needs) -> None:
    try:
        from snapshot_restore_py import register_after_restore, register_before_snapshot
    except ImportError:
        log.event("not ready for snapshots: this runtime has no hooks for them")
        return

    def restored() -> None:
        begin_anew()
        preload(needs, os.environ.get)

    register_before_snapshot(let_go)
    register_after_restore(restored)


def _prepare(needs: Needs, app: App) -> None:
    _read(app.settings, needs.settings)
    for part in _read(app, needs.parts):
        if hasattr(part, "prepare_for_calls"):
            part.prepare_for_calls()
    _trust()


def _read(owner: object, names: Iterable[str]) -> list[Any]:
    found = []
    for name in names:
        with suppress(NotSet):
            found.append(getattr(owner, name))
    return found


def _trust() -> None:
    """The trusted authorities take longer to read than many a call, and whoever calls a server needs them."""
    from shared.outbound.client import trusted

    trusted()


_started: list[Needs] = []
