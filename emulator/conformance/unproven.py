"""What a run says nothing about. Debug calls are answered without store, provisioner and open API, so that they pass
proves none of them.
"""

from collections.abc import Iterator, Sequence

from emulator.conformance.case import CallCase, CaseVerdict, Result

_REAL = "add --real, or buy in the debug console"
_ELSEWHERE = (
    "usage is pushed: KOOGALLERY_USAGE_KEY, KOOGALLERY_AK and KOOGALLERY_SK (make run, or the console's usage page)",
    "people log in: KOOGALLERY_SESSION_KEY and KOOGALLERY_APP_TOKEN (make run, or the console's own application)",
)


def unproven(results: Sequence[Result]) -> list[str]:
    """What did not come to be tried, each with the settings behind it (of this bundle; other servers have the like) and
    what would try it.
    """
    return [*_of(results), *_ELSEWHERE]


def _of(results: Sequence[Result]) -> Iterator[str]:
    tried = [each.case for each in results if each.verdict is CaseVerdict.PASSED]
    passed = [case for case in tried if isinstance(case, CallCase)]
    real = {case.version for case in passed if case.real}
    for version in sorted({each.case.version for each in results if each.case.version}):
        if version not in real:
            yield (
                f"version {version[1:]}: an order is carried out and stored: KOOGALLERY_STORE, KOOGALLERY_STORAGE_KEY "
                f"and KOOGALLERY_PROVISIONER ({_REAL})"
            )
    if "v2" not in real:
        yield f"the content of an order is asked for: KOOGALLERY_AK, KOOGALLERY_SK and KOOGALLERY_API_URLS ({_REAL})"
    if not any(case.sync for case in passed):
        yield "organisations are synchronised: KOOGALLERY_SYNC_ACCESS_KEY, KOOGALLERY_RSA_PRIVATE_KEY (add --sync)"
