"""The report for continuous integration: JUnit's XML. A warning is a passed test with output."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from emulator.conformance.case import CaseVerdict, Result
from emulator.conformance.report import Report

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report) -> str:
    """One suite, one test for each case; its class is the id's first parts."""
    count = [result.verdict for result in report.results].count
    suite = ET.Element(
        "testsuite",
        name="conformance",
        tests=str(len(report.results)),
        failures=str(count(CaseVerdict.FAILED)),
        skipped=str(count(CaseVerdict.SKIPPED)),
        errors="0",
        time=f"{report.seconds:.3f}",
        timestamp=report.started,
    )
    for result in report.results:
        suite.append(_test(result))
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _test(result: Result) -> ET.Element:
    group, _, name = result.case.id.rpartition(".")
    seconds = f"{result.milliseconds / 1000:.3f}"
    test = ET.Element("testcase", classname=f"conformance.{group}", name=f"{name}: {result.case.title}", time=seconds)
    text = _clean("\n".join(_lines(result)))
    if result.verdict is CaseVerdict.FAILED:
        ET.SubElement(test, "failure", message=_clean(str(result.reason))).text = text
    elif result.verdict is CaseVerdict.SKIPPED:
        ET.SubElement(test, "skipped", message=_clean(str(result.reason)))
    elif result.verdict is CaseVerdict.WARNING:
        ET.SubElement(test, "system-out").text = f"warning: {text}"
    return test


def _lines(result: Result) -> Iterator[str]:
    yield str(result.reason)
    yield f"why: {result.case.why} ({result.case.source})"
    if result.case.says.chinese or result.case.says.english:
        yield f"seller console: {result.case.says.chinese or result.case.says.english}"
    yield f"do: {result.case.advice}"


def _clean(text: str) -> str:
    """Without what XML cannot hold; it may come over the wire."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
