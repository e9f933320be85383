"""Texts in the marketplace's file, and the English sentences of older files."""

from datetime import UTC, datetime

import pytest

from emulator.marketplace.delivery.call import Judged, ReceivedAnswer
from emulator.marketplace.delivery.mails import Mail
from emulator.marketplace.storage.database import Database
from emulator.marketplace.storage.kept_text import kept, read
from emulator.texts import Text, joined, verbatim

TEXT = Text("reasons.code", code="000005", message="忙 {x}", codes=joined("reasons.or", ("000000", "000004")))


@pytest.mark.parametrize("text", [TEXT, Text("occasions.attempt", n=2), verbatim("{"), None])
def test_a_text_comes_back_as_it_was(text: Text | None) -> None:
    assert read(kept(text)) == text
    received = ReceivedAnswer(problem=text)
    assert ReceivedAnswer.model_validate_json(received.model_dump_json()) == received


def test_what_an_older_file_holds_stays_as_it_is() -> None:
    sentence = "the answer is signed: no Body-Sign header"
    assert read(sentence) == verbatim(sentence)
    assert read("") is None
    old = '{"id":"sign.present","title":"the answer is signed","verdict":"failed","reason":"gone","advice":"Sign it."}'
    judged = Judged.model_validate_json(old)
    assert (str(judged.problem), judged.id) == ("gone (required: the answer is signed)", "sign.present")
    assert Judged.model_validate_json(old.replace("gone", "")).reason is None


def test_a_mail_of_an_older_file_is_shown() -> None:
    database = Database()
    mail = Mail(id="1", at=datetime(2026, 1, 1, tzinfo=UTC), to="seller", subject=Text("mails.subject.ends"), text=TEXT)
    database.put(mail)
    (body,) = database.connection.execute("SELECT body FROM document").fetchone()
    old = body.replace('{"id":"mails.subject.ends"}', '"Product hidden"')
    database.connection.execute("UPDATE document SET body = ?", (old,))
    (found,) = database.all(Mail)
    assert (found.text, str(found.subject)) == (TEXT, "Product hidden")
    database.close()
