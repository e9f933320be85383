"""The builder: a call is chosen, its fields stand beside what they mean, and it is sent, kept and passed on."""

from collections.abc import Collection, Mapping, Sequence

from flask import Blueprint, abort, flash, render_template, request, url_for

from emulator.composer import INTERFACES, CallWish, ComposedInterface, NotComposed, command_line, interface
from emulator.composer import of_product as values_of_product
from emulator.composer.command_line import curl
from emulator.composer.prefilled import prefilled
from emulator.console.builder.kept_calls import KeptCall, keep, kept_calls
from emulator.console.builder.sending import composed, factory, sent
from emulator.console.console_context import context
from emulator.console.forms import FormRefused, Redirect, refused, taken
from emulator.console.language import say, text
from emulator.marketplace.catalogue.products import ListedProduct, Plan
from shared.commands import Version

page = Blueprint("builder", __name__)

FIRST = INTERFACES[Version.V2, "newInstance"]
_FIELD = "field."
"""Begins the names of the call's own fields."""


@page.get("/builder")
def index() -> str:
    """A call: the one that is ``kept``, or the chosen one with the checker's values or those of a product's plan."""
    if form := refused(url_for("builder.act")):
        return _shown(_wished(form.entered) or CallWish(FIRST, {}), name=form.entered.get("name", ""))
    kept = context().market.database.get(KeptCall, request.args.get("kept", ""))
    if kept:
        return _shown(kept.wish, kept)
    call = _chosen(request.args.get("call", "")) or FIRST
    return _shown(CallWish(call, _values(call, request.args.get("plan", ""))))


@page.post("/builder")
def act() -> Redirect:
    """Send or keep what the form says; what cannot be sent stays in it."""
    form, market = request.form, context().market
    wish = _wished(form) or abort(404)
    name, now = form.get("name", "").strip()[:80], market.clock.now()
    try:
        composed(market, wish)
        number = 0 if "keep" in form else sent(market, wish).number
    except NotComposed as refusal:
        raise _refused(refusal, url_for("builder.index")) from None
    kept = keep(market.database, wish, now, name=name, number=number)
    if "keep" in form:
        flash(text("builder.kept", name=name or kept.call), "good")
    return taken("builder.index", kept=kept.id)


@page.post("/builder/<call_id>/send")
def again(call_id: str) -> Redirect:
    """Send one that is kept once more, signed anew."""
    kept = context().market.database.get(KeptCall, call_id) or abort(404)
    try:
        number = sent(context().market, kept.wish).number
    except NotComposed as refusal:
        raise _refused(refusal, url_for("builder.index", kept=kept.id)) from None
    now = context().market.clock.now()
    keep(context().market.database, kept.wish, now, name=kept.name, number=number, call_id=kept.id)
    return taken("builder.index", kept=kept.id)


@page.post("/builder/<call_id>/drop")
def drop(call_id: str) -> Redirect:
    """Forget one."""
    context().market.database.drop(KeptCall, call_id)
    return taken("builder.index")


def _refused(refusal: NotComposed, page: str) -> FormRefused:
    return FormRefused(page, {refusal.field and f"{_FIELD}{refusal.field}": say(refusal.what)})


def _wished(form: Mapping[str, str]) -> CallWish | None:
    """What the form says; ``None`` if there is no such call."""
    call = _chosen(form.get("call", ""))
    given = {name.removeprefix(_FIELD): value for name, value in form.items() if name.startswith(_FIELD)}
    if added := form.get("added", "").strip():
        given[added] = form.get("added-value", "")
    return CallWish(call, given, "real" in form, form.get("expect", "").strip()) if call else None


def _chosen(name: str) -> ComposedInterface | None:
    version, _, call = name.partition(".")
    return interface(version, call)


def _values(call: ComposedInterface, plan_id: str) -> dict[str, str]:
    market = context().market
    for name, product, plan in _plans(call):
        if name == plan_id:
            return values_of_product(factory(market), call, product, plan)
    return prefilled(factory(market), call)


def _plans(call: ComposedInterface) -> Sequence[tuple[str, ListedProduct, Plan]]:
    """Those that the call can be about, by names of their own."""
    products = [each for each in context().market.catalogue.current() if each.version is call.version]
    return [(f"{each.id} {plan.id}", each, plan) for each in products for plan in (*each.plans, *each.items)]


def _standing(call: ComposedInterface) -> Collection[str]:
    known = INTERFACES.get((call.version, call.name))
    return prefilled(factory(context().market), known).keys() if known else ()


def _shown(wish: CallWish, kept: KeptCall | None = None, *, name: str = "") -> str:
    market, call = context().market, wish.call
    known = [each.name for each in call.fields]
    target = market.sender.target
    try:
        made = curl(target.base, composed(market, wish).make())
    except NotComposed:
        made = ""
    return render_template(
        "builder/index.html",
        wish=wish,
        call=call,
        fields=[*call.fields, *(call.field(each) for each in wish.values if each not in known)],
        kept=kept,
        name=name or (kept.name if kept else ""),
        sent=market.timeline.get(kept.number) if kept and kept.number else None,
        calls=list(INTERFACES.values()),
        plans=() if call.sync else _plans(call),
        all_kept=kept_calls(market.database),
        command=command_line(wish, target.url, standing=_standing(call)),
        curl=made,
        form=refused(),
    )
