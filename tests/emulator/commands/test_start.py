"""What is printed first: where to go, and in a line each what is made up."""

from io import StringIO

from emulator.commands.first_screen import announce
from emulator.seller.local_bundle import local_settings
from emulator.texts import speaking


def announced(language: str) -> str:
    stream = StringIO()
    with speaking(language):
        announce(local_settings({}), stream)
    return stream.getvalue()


def test_settings_that_are_made_up_are_counted_and_not_listed() -> None:
    defaulted = len(local_settings({}).defaulted)
    assert defaulted > 10
    for language, words in (("en", f"{defaulted} settings have development defaults"), ("zh", f"{defaulted} 个配置项")):
        text = announced(language)
        assert text.startswith(words)
        assert "KOOGALLERY_" not in text
        assert all(len(line) < 120 for line in text.splitlines())
