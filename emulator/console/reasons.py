"""What went wrong, why a call was made, and what the marketplace writes in mails, in the reader's language."""

from collections.abc import Iterable, Mapping

from emulator.console.language import language, maybe, text, texts
from emulator.console.phrases import found, phrase
from emulator.marketplace.delivery.mails import Mail


def reason(words: str) -> str:
    """Why a check, a case or a delivery failed."""
    return phrase("reasons.", words, reason=reason, codes=_listed, options=_listed, told=counts, days=counts)


def in_full(words: str) -> str:
    """What is wrong with a call, e.g. ``the answer is signed: no Body-Sign header``, or why there is no answer."""
    title, colon, why = words.partition(": ")
    if colon and (said := found("checks.", title)):
        return text("calls.unmet", title=said, why=reason(why)) if language() != "en" else words
    return reason(words)


def in_short(words: str) -> str:
    """The same without the title of the check, for where there is little room."""
    title, colon, why = words.partition(": ")
    return reason(why if colon and found("checks.", title) else words)


def occasion(words: str) -> str:
    """Why a call was made, e.g. ``attempt 2``; as it is if there is no text ``occasions.attempt``."""
    before, colon, after = words.partition(": ")
    if not colon:
        return _occasion(words)
    more = phrase("journey.steps.", after) if before == "journey" else maybe(f"occasions.{after}", after)
    return text("occasions.more", what=_occasion(before), more=more)


def counts(words: str) -> str:
    """What a step of the journey counted, e.g. ``3 accepted, 1 duplicates``."""
    return text("journey.comma").join(phrase("journey.counts.", each) for each in words.split(", "))


def mail(kept: Mail) -> Mapping[str, str]:
    """``subject`` and ``text`` of a mail."""
    values = {
        "product": lambda name: maybe(f"market.product.{name}", name),
        "purpose": lambda name: maybe(f"market.purpose.{name.replace(' ', '-')}", name),
        "shelf": lambda name: maybe(f"market.shelf.{name.replace(' ', '-')}", name),
        "case": lambda name: debug_cases([name]),
        "problem": in_full,
    }
    lines = (phrase("mails.line.", line, **values) for line in kept.text.split("\n"))
    whole = phrase("mails.text.", kept.text, **values)
    return {
        "subject": phrase("mails.subject.", kept.subject, **values),
        "text": whole if whole != kept.text else "\n".join(lines),
    }


def debug_cases(names: Iterable[str]) -> str:
    """Debugging cases of a product, by their names."""
    return "; ".join(phrase("cases.debugging.", name) for name in names)


def _occasion(words: str) -> str:
    name, _, number = words.rpartition(" ")
    if number.isdigit() and f"occasions.{name}" in texts():
        return text(f"occasions.{name}", n=number)
    return maybe(f"occasions.{words}", words)


def _listed(words: str) -> str:
    """Codes or options, of which one or all are meant."""
    return words.replace(" or ", text("reasons.or")).replace(" and ", text("reasons.and"))


WORDS = {each.__name__: each for each in (reason, in_full, in_short, occasion, counts, debug_cases, mail)}
"""For templates, by their names."""
