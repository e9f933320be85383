"""A form that cannot be taken: its page once more, with what was entered and the fields at fault named, status 422.

No form is refused in another way. What is answered with a redirection was taken, whatever the seller made of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from flask import Flask, Response, current_app, redirect, request, url_for
from werkzeug import wrappers
from werkzeug.datastructures import Headers

Redirect: TypeAlias = wrappers.Response
"""The answer to a form that was taken."""
_OURS = "koogallery."
"""What stands in the environment of a request under such names goes with it."""
_REFUSED = f"{_OURS}refused-form"


class FormRefused(Exception):
    """``page``: address of the page that the form stands on. ``problems``: what is wrong, in the reader's language, by
    field; under an empty name what is no field's fault. ``entered``: what the page shows, if not what was sent.
    """

    def __init__(self, page: str, problems: Mapping[str, str], entered: Mapping[str, str] | None = None) -> None:
        super().__init__("; ".join(problems.values()))
        self.page = page
        self.problems = problems
        self.entered = entered


class FieldAtFault(Exception):
    """A ``field`` of a form holds what cannot be used; ``why``: the id of a text, if there is more than one reason."""

    def __init__(self, field: str, why: str = "") -> None:
        super().__init__(field)
        self.field = field
        self.why = why


@dataclass(frozen=True, slots=True)
class RefusedForm:
    """What templates need to show it again."""

    path: str
    entered: Mapping[str, str]
    problems: Mapping[str, str]

    def said(self, name: str) -> str:
        """What is wrong with a field; empty if nothing is."""
        return self.problems.get(name, "")


def taken(endpoint: str, **values: Any) -> Redirect:
    """To the page that shows what has become of it."""
    return redirect(url_for(endpoint, **values), 303)


def watch(app: Flask) -> None:
    """Let refused forms of an application be answered."""
    app.register_error_handler(FormRefused, _once_more)
    app.jinja_env.globals.update(refused=refused)


def refused(path: str = "", **hidden: str) -> RefusedForm | None:
    """The form that was refused, if this page is shown for that.

    :param path: only if it was sent there, with these ``hidden`` fields.
    """
    found: RefusedForm | None = request.environ.get(_REFUSED)
    if found is None or path not in ("", found.path):
        return None
    return found if all(found.entered.get(name) == value for name, value in hidden.items()) else None


def _once_more(refusal: FormRefused) -> Response:
    """The page as a browser would get it at its own address."""
    entered = request.form if refusal.entered is None else refusal.entered
    kept = Headers([(name, value) for name, value in request.headers if not name.lower().startswith("content-")])
    ours = {name: value for name, value in request.environ.items() if name.startswith(_OURS)}
    ours[_REFUSED] = RefusedForm(request.path, entered, refusal.problems)
    with current_app.test_request_context(
        refusal.page, base_url=request.host_url, headers=kept, environ_overrides=ours
    ):
        answer = current_app.full_dispatch_request()
    if answer.status_code == 200:
        answer.status_code = 422
    return answer
