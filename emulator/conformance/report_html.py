"""The report as one HTML file: no script, nothing loaded from anywhere, readable on a phone, dark or light."""

from itertools import groupby
from pathlib import Path
from typing import Any

from emulator.conformance.report import Report
from emulator.texts import Text, named
from emulator.wire.signature.doctor.mends import MEND_LANGUAGES, mend

_TEMPLATE = Path(__file__).with_name("report.html")


def as_html(report: Report) -> str:
    """The page in the language spoken: what is to be mended, what was not proven, every case."""
    from emulator.wire.visitor import template

    groups = groupby(report.document()["cases"], key=lambda case: case["id"].rpartition(".")[0])
    code = {"mend": mend, "mend_languages": MEND_LANGUAGES}
    shown = {"report": report, "groups": groups, "title": _title, "request": _request, "answer": _answer}
    return template(_TEMPLATE).render(**shown, **code, t=Text, language=Text("report.language")) + "\n"


def _title(group: str) -> Text:
    return named("check.group", group.replace(".", "-"))


def _request(sent: dict[str, Any]) -> str:
    pairs = "\n".join(f"{name}={value}" for name, value in sent["parameters"].items())
    return f"{sent['method']} {sent['path']}\n{pairs}\n{sent['body']}".strip()


def _answer(got: dict[str, Any]) -> str:
    return got.get("none") or "\n".join((f"HTTP {got['status']}", *got["headers"], "", got["body"]))
