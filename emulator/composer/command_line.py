"""A composed call as commands to pass on: one of ours, which signs anew, and one of curl, with the signature it has."""

import shlex
from collections.abc import Collection

from emulator.composer.composition import CallWish
from emulator.wire.calls import url_of
from shared.http import HttpRequest


def command_line(wish: CallWish, url: str, standing: Collection[str] = ()) -> str:
    """``koogallery trigger`` for the call to the server at a production address; keys come from the settings.

    :param standing: the fields in which something stands at first, which has to be taken away if they are empty.
    """
    given = [
        f"--set {shlex.quote(f'{name}={value}')}" for name, value in wish.values.items() if value or name in standing
    ]
    expected = [f"--expect {shlex.quote(wish.code)}"] if wish.code else []
    real = ["--real"] if wish.real else []
    first = f"koogallery trigger {wish.call.name} {shlex.quote(url)} --{wish.call.version}"
    return " \\\n  ".join([" ".join([first, *real, *expected]), *given])


def curl(base: str, request: HttpRequest) -> str:
    """The very bytes. ``--data-raw``, because to the other options a body that begins with ``@`` is a file's name."""
    method = [] if request.method == "GET" else ["-X", shlex.quote(request.method)]
    headers = [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in request.headers.items()]
    body = [f"--data-raw {shlex.quote(request.body.decode('utf-8', 'surrogateescape'))}"] if request.body else []
    first = " ".join(["curl", "-i", *method, shlex.quote(url_of(base, request))])
    return " \\\n  ".join([first, *headers, *body])
