"""When a call was sent: digits to moments, and how far from now they may be."""

from datetime import UTC, datetime, timedelta, tzinfo

from shared.errors import AuthenticationError


def moment(text: str) -> datetime:
    """``yyyyMMddHHmmss``, with or without milliseconds ``SSS`` (sections 2.1 and 3.3), as a ``datetime`` without zone.

    :raises ValueError: not such a text, or no such date.
    """
    if not (text.isascii() and text.isdigit() and len(text) in (14, 17)):
        raise ValueError("not a time")
    # %S and %f both read the digits they find, so each part is cut out by its place.
    whole = datetime.strptime(text[:14], "%Y%m%d%H%M%S")  # noqa: DTZ007 - the zone is the dialect's business
    return whole.replace(microsecond=int(text[14:] or 0) * 1000)


def sent_at(time_stamp: str, zone: tzinfo, now: datetime, window: float | None) -> datetime:
    """When a V1 call was sent, aware UTC. One that cannot be read, as samples show, counts as sent now, unless there is
    a ``window``.

    :param zone: that of the digits of ``timeStamp``.
    :param window: as :func:`in_window` takes it; ``None`` for no limit.
    :raises AuthenticationError: ``window``: the call is too old, too far ahead, or does not tell.
    """
    try:
        sent = moment(time_stamp).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        sent = None
    if window is not None and not (sent and in_window(sent, now, window)):
        raise AuthenticationError("window")
    return sent or now


def in_window(sent: datetime, now: datetime, window: float) -> bool:
    """Is a call at most ``window`` seconds old, or ahead of time?"""
    return abs(now - sent) <= timedelta(seconds=window)
