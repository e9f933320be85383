"""Made-up values in the place of real ones: the same for the same, other ones for others, and of the same shape.

A substitute follows from the original and the salt by a digest that cannot be turned round. Whoever knows the salt can
still try out phone numbers; without one, a random salt is used that nobody ever knows.
"""

import hashlib
import re
import secrets
import string
from collections.abc import Callable, Iterator
from itertools import chain

TRIES = 100
_SHORT = 8
"""Fewer characters are filled up, so that two codes hardly ever get the same substitute."""
_SHORT_NUMBER = 10
_HEX = (re.compile(r"(?=.*[0-9])(?=.*[a-f])[0-9a-f-]{16,}"), re.compile(r"(?=.*[0-9])(?=.*[A-F])[0-9A-F-]{16,}"))
_HAN = (0x4E00, 0x9FA5)
_CLASSES = (string.digits, string.ascii_lowercase, string.ascii_uppercase)

Dice = Iterator[int]


class Substitutes:
    """The substitutes of one recording."""

    def __init__(self, salt: str = "") -> None:
        self._key = hashlib.sha256((salt or secrets.token_hex(32)).encode("utf-8", "surrogatepass")).digest()
        self._made: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()

    def of(self, text: str) -> str:
        """For a text; its form tells what it is: an order, a mail address, a phone, a domain, an IP, a date, or just
        characters. Blank text stays.
        """
        if not text.strip():
            return text
        if line := _LINE.fullmatch(text):
            return f"{self.of(line['order'])}-{line['number']}"
        if address := _ADDRESS.fullmatch(text):
            return self._address(address)
        return self._kept("", text, _form_of(text))

    def number(self, text: str) -> str:
        """For a number in JSON: other digits, as many."""
        return self._kept("number", text, _digits)

    def phone(self, text: str) -> str:
        """A phone number for something that hides one."""
        return self._kept("phone", text, _phone)

    def mail(self, text: str) -> str:
        """A mail address for something that hides one."""
        return self._kept("mail", text, _mail)

    def secret(self, text: str, length: int = 24) -> str:
        """Letters and digits for something that hides a secret, or as an initialisation vector."""
        alphabet = string.digits + string.ascii_letters
        return self._kept("secret", text, lambda _, dice: "".join(_one(alphabet, dice) for _ in range(length)))

    def _address(self, address: re.Match[str]) -> str:
        """Scheme, port and the shape of the path stay; the host is the same with a scheme and without."""
        host = self._kept("host", address["host"].lower(), _host)
        path = self._kept("path", address["path"], _shaped) if (address["path"] or "").strip("/") else address["path"]
        return f"{address['scheme'] or ''}{host}{address['port'] or ''}{path or ''}"

    def _kept(self, kind: str, text: str, make: Callable[[str, Dice], str]) -> str:
        if (kind, text) not in self._made:
            made = self._new(kind, text, make)
            self._taken.add(made)
            self._made[kind, text] = made
        return self._made[kind, text]

    def _new(self, kind: str, text: str, make: Callable[[str, Dice], str]) -> str:
        tried = [f"{kind}:{attempt}:{text}" for attempt in range(TRIES)]
        drawn = (make(text, self._dice(seed, len(text))) for seed in tried)
        others = (made for made in drawn if made != text and (len(text) == 1 or text not in made))
        first = next(others)
        return next((made for made in chain([first], others) if made not in self._taken), first)

    def _dice(self, seed: str, length: int) -> Dice:
        drawn = hashlib.shake_256(self._key + seed.encode("utf-8", "surrogatepass")).digest(4 * (length + 64))
        return (int.from_bytes(drawn[at : at + 4]) for at in range(0, len(drawn), 4))


def _one(alphabet: str, dice: Dice) -> str:
    return alphabet[next(dice) % len(alphabet)]


def _shaped(text: str, dice: Dice) -> str:
    """Digits for digits, letters for letters of the same case, Chinese for what is not ASCII; the rest as it is."""
    for pattern, alphabet in zip(_HEX, ("0123456789abcdef", "0123456789ABCDEF"), strict=True):
        if pattern.fullmatch(text):
            return "".join(character if character == "-" else _one(alphabet, dice) for character in text)
    made = "".join(_character(character, dice) for character in text)
    if not any(_class_of(character) for character in text):
        return "".join(_one(string.ascii_lowercase, dice) for _ in range(max(len(text), _SHORT)))
    if not text.isascii() or len(text) >= _SHORT:
        return _leading(made, dice) if text.isdigit() else made
    if text.isdigit():
        return _leading("".join(_one(string.digits, dice) for _ in range(_SHORT_NUMBER)), dice)
    last = next(found for character in reversed(text) if (found := _class_of(character)))
    return made + "".join(_one(last, dice) for _ in range(_SHORT - len(text)))


def _character(character: str, dice: Dice) -> str:
    if not character.isascii():
        return chr(_HAN[0] + next(dice) % (_HAN[1] - _HAN[0] + 1))
    return _one(alphabet, dice) if (alphabet := _class_of(character)) else character


def _class_of(character: str) -> str:
    if not character.isascii():
        return string.ascii_lowercase
    return next((each for each in _CLASSES if character in each), "")


def _leading(digits: str, dice: Dice) -> str:
    return _one(string.digits[1:], dice) + digits[1:]


def _digits(text: str, dice: Dice) -> str:
    made = "".join(_one(string.digits, dice) if character.isdigit() else character for character in text)
    return re.sub(r"^(-?)0(?=[0-9])", lambda match: f"{match[1]}{next(dice) % 9 + 1}", made)


def _phone(_text: str, dice: Dice) -> str:
    return f"1380000{next(dice) % 10_000:04}"


def _mail(text: str, dice: Dice) -> str:
    return f"{_label(dice)}@{_domain(text)}"


def _domain(text: str) -> str:
    """One that belongs to nobody, and not the original's."""
    return "example.org" if "example.com" in text.lower() else "example.com"


def _label(dice: Dice) -> str:
    return "".join(_one(string.ascii_lowercase, dice) for _ in range(10))


def _order(text: str, dice: Dice) -> str:
    prefix = "HWS" if text.startswith("HWS") else "CS"
    return prefix + "".join(_character(character, dice) for character in text.removeprefix(prefix))


def _host(text: str, dice: Dice) -> str:
    return f"{_label(dice)}.{_domain(text)}"


def _ip(_text: str, dice: Dice) -> str:
    return f"{('192.0.2', '198.51.100', '203.0.113')[next(dice) % 3]}.{next(dice) % 254 + 1}"


def _ip_6(_text: str, dice: Dice) -> str:
    return f"2001:db8::{next(dice) % 0xFFFF + 1:x}:{next(dice) % 0xFFFF + 1:x}"


def _date(text: str, dice: Dice) -> str:
    padded = re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None
    year, month, day = 2000 + next(dice) % 25, next(dice) % 12 + 1, next(dice) % 28 + 1
    return f"{year}-{month:02}-{day:02}" if padded else f"{year}-{month}-{day}"


_ADDRESS = re.compile(
    r"(?P<scheme>https?://)?(?P<host>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24})"
    r"(?P<port>:\d{1,5})?(?P<path>/[^?#@]*)?"
)
_LINE = re.compile(r"(?P<order>(?:CS|HWS)(?=[0-9A-Z]*[0-9])[0-9A-Z]{8,})-(?P<number>[0-9]{1,6})")
_FORMS: tuple[tuple[re.Pattern[str], Callable[[str, Dice], str]], ...] = (
    (re.compile(r"(?:CS|HWS)(?=[0-9A-Z]*[0-9])[0-9A-Z]{8,}"), _order),
    (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), _mail),
    (re.compile(r"1[0-9]{10}"), _phone),
    (re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"), _ip),
    (re.compile(r"(?=(?:.*:){2})[0-9A-Fa-f:.]{3,45}"), _ip_6),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"), _date),
)


def _form_of(text: str) -> Callable[[str, Dice], str]:
    return next((make for pattern, make in _FORMS if pattern.fullmatch(text)), _shaped)
