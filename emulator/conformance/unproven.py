"""What a run says nothing about. Debug calls are answered without store, provisioner and open API, so that they pass
proves none of them.
"""

from collections.abc import Iterator, Sequence

from emulator.conformance.case import CallCase, CaseVerdict, Result
from emulator.texts import Text

_ELSEWHERE = (
    Text("terminal.says-nothing.usage"),
    Text("terminal.says-nothing.login"),
    Text("terminal.says-nothing.deployment"),
)


def unproven(results: Sequence[Result]) -> list[str]:
    """What did not come to be tried, each with the settings behind it (of this bundle; other servers have the like) and
    what would try it.
    """
    return list(map(str, (*_of(results), *_ELSEWHERE)))


def _of(results: Sequence[Result]) -> Iterator[Text]:
    tried = [each.case for each in results if each.verdict is CaseVerdict.PASSED]
    passed = [case for case in tried if isinstance(case, CallCase)]
    real = {case.version for case in passed if case.real}
    for version in sorted({each.case.version for each in results if each.case.version}):
        if version not in real:
            yield Text("terminal.says-nothing.order", n=version[1:])
    if "v2" not in real:
        yield Text("terminal.says-nothing.content")
    if not any(case.sync for case in passed):
        yield Text("terminal.says-nothing.organisation")
