"""Plays a scenario in a soak's environment."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from emulator.keys import Keys
from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.delivery.mails import Mail
from emulator.marketplace.delivery.messages import Message
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.actions import ACTIONS
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.seller.application import usage_event
from emulator.soak.environment import SoakEnvironment
from emulator.soak.orders_verdict import Comparison
from emulator.soak.scenario import FaultStep, Scenario, ScenarioExpectation, ScenarioStep


class StepOutcome(NamedTuple):
    """A step that was done: what it said, and what was wrong with it, if anything."""

    text: str
    problem: str = ""


class ScenarioPlayer:
    """One scenario in one environment."""

    def __init__(self, environment: SoakEnvironment) -> None:
        self._environment, self._market, self._shop = environment, environment.market, environment.market.shop
        self._named: dict[str, str] = {}
        self._events = 0
        self._acts: Mapping[str, Callable[[str, ScenarioStep], object]] = {
            "buy": lambda product, step: self._buy(product, step, trial=False),
            "trial": lambda product, step: self._buy(product, step, trial=True),
            "reading": lambda name, _: self._market.readings.set(name, 1),
            "use": self._use,
            "save_cases": lambda product, _: self._market.cases.save_cases(product),
            "wrong_key": lambda name, _: self._keys(replace(self._market.keys, **{name: "a-key-the-seller-has-not"})),
            "right_keys": lambda _name, _: self._keys(self._market.keys),
            "repaired": lambda product, _: self._market.probes.repaired(product),
        }

    def run(self, scenario: Scenario) -> Iterator[StepOutcome]:
        """Step by step; the first that fails is the last. Nothing waits for real."""
        for step in scenario.steps:
            ((action, value),) = step.actions.items()
            whole = isinstance(value, FaultStep | ScenarioExpectation)
            text = f"{action} {value.model_dump(exclude_none=True) if whole else value}"
            with self._environment.clock.alone():
                problem = self._done(action, value, step)
            yield StepOutcome(text, problem)
            if problem:
                return

    def _done(self, action: str, value: object, step: ScenarioStep) -> str:
        try:
            if step.expect:
                return "; ".join(self._wrong(step.expect))
            if step.advance:
                self._market.advance(step.advance)
            elif step.fault:
                self._switch(step.fault)
            elif step.faults_off:
                self._environment.all_off()
            else:
                self._acts.get(action, partial(self._act_on, action))(str(value), step)
                self._market.run_due()
        except NotPossible as refusal:
            return f"not possible: {refusal}"
        except KeyError as error:
            return f"there is no {error}"
        return ""

    def _act_on(self, act: str, name: str, step: ScenarioStep) -> None:
        action = ACTIONS["return" if act == "return_renewal" else act]
        action.does(self._shop, self._id(name), self._plan(name, step))

    def _buy(self, product: str, step: ScenarioStep, *, trial: bool) -> None:
        customer = self._market.database.all(Customer)[0]
        plans = self._market.database.the(ListedProduct, product).plans
        plan = plans[(step.plan or 1) - 1].id
        self._named[step.name or product] = self._shop.buy(customer.id, product, plan, trial=trial).id

    def _keys(self, keys: Keys) -> None:
        self._market.signer.keys = keys

    def _switch(self, fault: FaultStep) -> None:
        switches = self._environment.switches(fault.id)
        if fault.times is not None:
            switches.inject(fault.id, fault.times)
        if fault.rate is not None:
            switches.set(fault.id, fault.rate)

    def _use(self, name: str, step: ScenarioStep) -> None:
        self._events += 1
        instance_id, now = self._subscription(name).instance_id, self._environment.clock.now()
        event = usage_event(f"use-{self._events}", instance_id, now - step.ago, step.value)
        try:
            answer = self._environment.application.post_usage([event])
        except ConnectionError as error:
            raise NotPossible("use", f"the intake did not take it: {error}") from error
        reason = next((each["reason"] for each in answer["rejected"]), "")
        if answer["accepted"] != (0 if step.refused else 1) or reason != step.refused:
            raise NotPossible("use", f"the intake answered {answer}")

    def _wrong(self, expected: ScenarioExpectation) -> Iterator[str]:
        for what, wanted, found in self._found(expected):
            if wanted is not None and wanted != found:
                yield f"{what} is {found}, not {wanted}"

    def _found(self, expected: ScenarioExpectation) -> Iterator[tuple[str, object, object]]:
        if expected.of:
            yield from self._found_of(self._subscription(expected.of), expected)
        if expected.agrees is not None:
            right, problems = "as it should be", Comparison(self._environment).run().problems
            yield "the seller's side", right, "; ".join(problems) or right
        if expected.sites is not None:
            yield "sites", expected.sites, sum(site.made for site in self._environment.provisioner.sites.values())
        if mails := expected.mails:
            found = sum(str(mail.subject) == mails.subject for mail in self._market.database.all(Mail))
            yield f"mails {mails.subject!r}", mails.count, found
        for product, shelf in (expected.shelf or {}).items():
            yield product, shelf, self._market.database.the(ListedProduct, product).shelf.value

    def _found_of(
        self, subscription: Subscription, expected: ScenarioExpectation
    ) -> Iterator[tuple[str, object, object]]:
        yield "the subscription", expected.standing, subscription.status.value
        plans = self._market.database.the(ListedProduct, subscription.product).plans
        yield "the plan", expected.plan, [plan.id for plan in plans].index(subscription.plan) + 1
        if expected.order is not None:
            orders = self._market.database.all(PlacedOrder, subscription.id)
            yield "the latest order", expected.order, orders[-1].state.value
        if expected.instance is not None:
            record = self._environment.app.instances.get(subscription.instance_id) if subscription.instance_id else None
            yield "the instance", expected.instance, record.state.value if record else "none"
        if expected.billed is not None:
            yield "billed", expected.billed, self._environment.marketplace.usage.records.total(subscription.instance_id)
        if wanted := expected.message:
            sent = [
                each for each in self._market.database.all(Message, subscription.id) if each.purpose == wanted.purpose
            ]
            yield wanted.purpose, wanted.state, sent[-1].state.value if sent else "not sent"
            yield f"attempts of {wanted.purpose}", wanted.attempts, sent[-1].attempts if sent else 0

    def _subscription(self, name: str) -> Subscription:
        return self._market.database.the(Subscription, self._id(name))

    def _id(self, name: str) -> str:
        return self._named[name]

    def _plan(self, name: str, step: ScenarioStep) -> str:
        subscription = self._subscription(name)
        plans = self._market.database.the(ListedProduct, subscription.product).plans
        return plans[step.plan - 1].id if step.plan else subscription.plan
