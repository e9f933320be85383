"""The clock: where it stands, how to move it, and what happens on the way."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, render_template, request, url_for

from emulator.console.clock.ahead import ahead
from emulator.console.clock.mover import MOST, Busy
from emulator.console.console_context import context
from emulator.console.forms import FormRefused, Redirect, taken
from emulator.console.language import text
from emulator.marketplace.market import Market
from shared.clock import BEIJING

page = Blueprint("clock", __name__)

AHEAD = 30
STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
ZONES = {"utc": UTC, "beijing": BEIJING}


@page.get("/clock")
def index() -> str:
    """Where it stands, what comes next, and how a move goes."""
    market, journey = context().market, context().mover.journey
    return render_template(
        "clock/index.html",
        journey=journey,
        moving=journey is not None and not journey.ended,
        ahead=ahead(market, AHEAD),
        apart=_apart(market.clock.offset),
        real=datetime.now(UTC),
        steps=tuple(STEPS),
    )


@page.post("/clock/move")
def move() -> Redirect:
    """Forward: by a step, to the next event, or to a moment."""
    try:
        set_off(_target(context().market), url_for("clock.index"))
    except ValueError:
        raise FormRefused(url_for("clock.index"), {"to": text("clock.no-moment", days=MOST.days)}) from None
    return taken("clock.index")


@page.post("/clock/cancel")
def cancel() -> Redirect:
    context().mover.cancel()
    return taken("clock.index")


@page.post("/clock/back")
def back() -> Redirect:
    """Back to the machine's time; what was planned stays planned."""
    market = context().market
    if context().mover.moving:
        raise busy(url_for("clock.index"))
    market.clock.shift(timedelta())
    market.keep_time()
    return taken("clock.index")


def set_off(target: datetime, page: str) -> None:
    """Move the clock to ``target``, as a form of ``page`` asks.

    :raises FormRefused: it is being moved.
    :raises ValueError: the moment is past, or too far away.
    """
    try:
        context().mover.start(target)
    except Busy:
        raise busy(page) from None


def busy(page: str) -> FormRefused:
    """A form of ``page`` would move the clock, which is being moved."""
    return FormRefused(page, {"": text("clock.busy")})


def _target(market: Market) -> datetime:
    """The moment that the form asks for.

    :raises ValueError: it asks for none.
    """
    now, by = market.clock.now(), request.form.get("by", "")
    if by in STEPS:
        return now + STEPS[by]
    if by == "next":
        coming = (task.at for task in market.agenda.ahead(AHEAD) if task.at > now)
        return next(coming, now)
    moment = datetime.fromisoformat(request.form.get("to", ""))
    zone = ZONES.get(request.form.get("zone", ""), UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _apart(offset: timedelta) -> str:
    """How far the clock is from the real time, in words; empty within half a minute."""
    minutes = round(offset.total_seconds() / 60)
    return text("clock.ahead" if minutes > 0 else "clock.behind", span=span(abs(minutes))) if minutes else ""


def span(minutes: int) -> str:
    """Days, hours and minutes, those that there are."""
    days, rest = divmod(minutes, 24 * 60)
    parts = {"days": days, "hours": rest // 60, "minutes": rest % 60}
    return " ".join(text(f"clock.span.{name}", n=number) for name, number in parts.items() if number)
