"""What a local command says first, beside its address: where the store is, and in a line each what is made up."""

from typing import TextIO
from urllib.parse import urlsplit

from emulator.seller.local_bundle import Local
from emulator.texts import Text


def announce(local: Local, stream: TextIO) -> None:
    """Say how many settings are made up, and whether the clock is shifted."""
    if local.defaulted:
        print(Text("running.defaults", n=len(local.defaulted)), file=stream)
    if local.offset:
        now = local.clock.now()
        print(Text("running.clock", seconds=f"{local.offset:+g}", now=f"{now:%Y-%m-%d %H:%M:%S}"), file=stream)
    stream.flush()


def store_of(local: Local) -> str:
    """What the store is, of a URL only where it leads."""
    store = local.settings.get("KOOGALLERY_STORE")
    url = urlsplit(store)
    return f"{url.scheme}://{url.hostname}{url.path}" if url.netloc else store
