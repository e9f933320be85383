"""The instances that the product itself has: asked for page by page, checked, and within bounds."""

from shared.clock import Deadline
from shared.errors import ProvisioningError
from shared.provisioning import InstanceLister, InstancePage
from shared.provisioning.usage import ID_LIMIT
from shared.timeouts import within

PAGES = 20
"""Asked for at most."""
MOST = 1000
"""Ids of a page."""
NEXT_LIMIT = 1024
"""Characters of what asks for the next page."""
SECONDS = 10.0
"""For one page."""


def instances_of(lister: InstanceLister, deadline: Deadline) -> tuple[frozenset[str], bool] | None:
    """The ids that ``lister`` tells, and whether these are all; ``None`` if it cannot tell.

    :raises ProvisioningError: a page is malformed; the text names what is wrong, never its value.
    :raises InProcess: a page does not come within ``SECONDS``.
    """
    ids: set[str] = set()
    after = None
    for number in range(PAGES):
        if number and not deadline.left():
            break
        page = _page(lister, after, deadline.share(1, SECONDS))
        if page is None:
            return None
        ids.update(page.instance_ids)
        after = page.next
        if after is None:
            return frozenset(ids), True
    return frozenset(ids), False


def _page(lister: InstanceLister, after: str | None, deadline: Deadline) -> InstancePage | None:
    page: object = within(deadline, lambda: lister.list_instances(after))
    return None if page is None else _checked(page, after)


def _checked(page: object, after: str | None) -> InstancePage:
    if not isinstance(page, InstancePage):
        raise _wrong("it is no InstancePage")
    if len(page.instance_ids) > MOST:
        raise _wrong(f"a page has more than {MOST} ids")
    for position, each in enumerate(page.instance_ids):
        if not _is_text(each, ID_LIMIT):
            raise _wrong(f"id {position} must be text of 1 to {ID_LIMIT} printable characters")
    if page.next is not None and not _is_text(page.next, NEXT_LIMIT):
        raise _wrong(f"next must be text of 1 to {NEXT_LIMIT} printable characters, or missing on the last page")
    if page.next is not None and page.next == after:
        raise _wrong("next asks for the same page again")
    return page


def _is_text(value: object, most: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= most and value.isprintable()


def _wrong(what: str) -> ProvisioningError:
    return ProvisioningError(f"list_instances: {what}")
