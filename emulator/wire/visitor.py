"""What a browser says of who uses it: cookies, and the language of the pages outside of the console."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.texts import LANGUAGES, texts
from shared.http import HttpRequest, HttpResponse
from shared.login.texts import Language, language_of

if TYPE_CHECKING:
    from jinja2 import Template

LANGUAGE = "console-language"
"""The cookie in which the console, and each of these pages, keeps the choice."""
_YEAR = 366 * 86400


def cookie(request: HttpRequest, name: str) -> str:
    """The value of a cookie; empty if it is not there."""
    from werkzeug.http import parse_cookie

    return parse_cookie(request.headers.get("cookie")).get(name, "")


def language(request: HttpRequest) -> str:
    """``en`` or ``zh``: as asked for by ``lang`` in the address, as chosen before, or as the browser prefers."""
    asked = (request.first("lang") or "", cookie(request, LANGUAGE))
    chinese = language_of(request.headers.get("accept-language", "")) is Language.CHINESE
    return next((each for each in asked if each in LANGUAGES), "zh" if chinese else "en")


def words(request: HttpRequest) -> Mapping[str, object]:
    """What a template says its page with: ``t`` gives a text by its id in ``language``; ``other`` is the other one."""
    spoken = language(request)
    return {
        "t": lambda key: texts()[key][spoken],
        "language": spoken,
        "other": next(each for each in LANGUAGES if each != spoken),
    }


def visitor_page(
    request: HttpRequest, file: Path, policy: str, /, *, status: int = 200, **values: object
) -> HttpResponse:
    """The page of a template with ``values``, in the visitor's language; ``policy``: of its content."""
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Vary": "Accept-Language",
    }
    text = template(file).render(**words(request), **values)
    return HttpResponse(status, headers, text.encode(), _chosen(request))


def _chosen(request: HttpRequest) -> tuple[str, ...]:
    """The cookie to set for the language that the address asks for, if it does."""
    wanted = request.first("lang")
    kept = f"{LANGUAGE}={wanted}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Strict"
    return (kept,) if wanted in LANGUAGES else ()


@cache
def template(file: Path) -> "Template":
    """That of a page, read once."""
    from jinja2 import Environment

    return Environment(autoescape=True, trim_blocks=True).from_string(file.read_text(encoding="utf-8"))
