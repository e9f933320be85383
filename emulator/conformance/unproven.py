"""What a run says nothing about. Debug calls are answered without store, provisioner and open API, so that they pass
proves none of them.
"""

from collections.abc import Iterator, Sequence

from emulator.conformance.case import CallCase, CaseVerdict, Result
from emulator.texts import Text


def unproven(results: Sequence[Result]) -> Iterator[Text]:
    """What did not come to be tried, each with the settings behind it (of this bundle; other servers have the like) and
    what would try it.
    """
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
    yield Text("terminal.says-nothing.usage")
    yield Text("terminal.says-nothing.login")
    yield Text("terminal.says-nothing.deployment")
