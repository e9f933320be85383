"""The report as one HTML file: no script, nothing loaded from anywhere, readable on a phone, dark or light."""

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import Any

from emulator.conformance.case import CaseVerdict, Result
from emulator.conformance.report import Report, described
from emulator.texts import named

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2329; --dim: #5b6670; --line: #d5dbe1; --page: #fff; --soft: #f4f6f8;
  --passed: #0a6b2c; --failed: #b3261e; --warning: #8a5a00; --skipped: #5b6670 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ec; --dim: #a3adb7; --line: #333b43; --page: #14181c; --soft: #1d2329;
    --passed: #6fd08c; --failed: #ff8a80; --warning: #f0c060; --skipped: #a3adb7 } }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); margin: 0 auto;
  max-width: 60rem; padding: 1rem }
h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.1rem; margin: 1.5rem 0 .25rem }
p { margin: .25rem 0 } .dim, dt { color: var(--dim) } code, pre { font: .85rem/1.45 ui-monospace, monospace }
code { overflow-wrap: anywhere }
pre { background: var(--soft); margin: .25rem 0; padding: .5rem; white-space: pre-wrap; overflow-wrap: anywhere }
details { border-top: 1px solid var(--line); padding: .4rem 0 }
summary { cursor: pointer; display: flex; flex-wrap: wrap; gap: 0 .75rem; align-items: baseline }
summary:focus-visible { outline: 2px solid currentColor; outline-offset: 2px }
summary .title { flex: 1 1 16rem } .reason { flex-basis: 100% }
dl { display: grid; grid-template-columns: minmax(4.5rem, auto) 1fr; gap: .15rem .75rem; margin: .5rem 0 }
dd { margin: 0; min-width: 0 }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .5rem } }
.passed { color: var(--passed) } .failed { color: var(--failed); font-weight: 600 }
.warning { color: var(--warning); font-weight: 600 } .skipped { color: var(--skipped) }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def as_html(report: Report) -> str:
    """The page. Cases that did not pass are open."""
    state = "failed" if not report.passed else "passed"
    groups = "".join(
        f"<section><h2>{_title(name)}</h2>{''.join(map(_case, results))}</section>"
        for name, results in groupby(report.results, key=lambda result: result.case.id.rpartition(".")[0])
    )
    unproven = "".join(f"<li>{escape(text)}</li>" for text in report.unproven)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>Conformance: {escape(report.summary)}</title><style>{_STYLE}</style></head>
<body><main><h1>Conformance report</h1>
<p><code>{escape(report.url)}</code></p>
<p class="{state}">{escape(report.summary)}</p>
<p class="dim">{escape(report.started)}, {report.seconds:.1f} s</p>
<p>This run says nothing about whether</p><ul>{unproven}</ul>{groups}</main></body></html>
"""


def _title(group: str) -> str:
    return escape(str(named("check.group", group.replace(".", "-"))))


def _case(result: Result) -> str:
    found = described(result)
    opened = " open" if result.verdict in (CaseVerdict.FAILED, CaseVerdict.WARNING) else ""
    reason = f'<span class="reason {result.verdict}">{escape(found["reason"])}</span>' if result.reason else ""
    return (
        f'<details id="{escape(found["id"])}"{opened}><summary><span class="{result.verdict}">{result.verdict}</span>'
        f'<span class="title">{escape(found["title"])}</span><code class="dim">{escape(found["id"])}</code>{reason}'
        f"</summary><dl>{''.join(_facts(found))}</dl>{''.join(map(_call, found['calls']))}</details>"
    )


def _facts(found: dict[str, Any]) -> Iterator[str]:
    says = " / ".join(text for text in found["console"].values() if text)
    facts = {"why": found["why"], "source": found["source"], "console says": says, "do": found["advice"]}
    return (_fact(name, escape(text)) for name, text in facts.items() if text)


def _fact(name: str, content: str) -> str:
    return f"<dt>{name}</dt><dd>{content}</dd>"


def _call(call: dict[str, Any]) -> str:
    sent, got = call["sent"], call["received"]
    pairs = "\n".join(f"{name}={value}" for name, value in sent["parameters"].items())
    request = f"{sent['method']} {sent['path']}\n{pairs}\n{sent['body']}".strip()
    answer = got.get("none") or "\n".join((f"HTTP {got['status']}", *got["headers"], "", got["body"]))
    facts = {"sent": request, "signature": "\n".join(sent["signature"]), "came back": answer}
    shown = "".join(_fact(name, f"<pre>{escape(text)}</pre>") for name, text in facts.items() if text)
    time = f"{got['milliseconds']:.0f} ms"
    return f"<dl>{shown}{_fact('time', time)}</dl>"
