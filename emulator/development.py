"""Settings of the local targets: the environment's, and a fixed value for each one it does not have.

The values stand in the repository, so they protect nothing: a store filled with them is a toy. On a platform nothing of
this is used, and a missing setting is an error.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256, shake_256
from pathlib import Path

from shared import development_keys as published
from shared.config import Settings, of

FOLDER = Path(".local")
"""Where the local commands keep what they write, in the current folder: store and logs. Not in version control."""

FILE = Path("koogallery.env")
"""A seller's own settings for the local commands, in the current folder; the environment goes first."""

KEYS: Mapping[str, str] = published.KEYS


def defaults(environ: Mapping[str, str]) -> dict[str, str]:
    """The value of each setting that has one for development."""
    emulator = f"http://127.0.0.1:{environ.get('CONSOLE_PORT') or '8100'}"
    return {
        **KEYS,
        "KOOGALLERY_PROVISIONER": "demo",
        "KOOGALLERY_STORE": f"sqlite:{FOLDER / 'store.sqlite'}",
        "KOOGALLERY_API_URLS": emulator,
        "KOOGALLERY_APP_ID": "development-application",
        "KOOGALLERY_APP_URL": f"{emulator}/app",
        "KOOGALLERY_PORTAL_URL": f"{emulator}/unified-login/#/portal-login",
        "KOOGALLERY_PUBLIC_URL": f"http://127.0.0.1:{environ.get('PORT') or '8000'}",
    }


def bundle_settings() -> Settings:
    """The settings of a bundle that takes calls signed with the development keys."""
    values = {**KEYS, "KOOGALLERY_PROVISIONER": "demo", "KOOGALLERY_RSA_PRIVATE_KEY": rsa_key()}
    return Settings(of(values), lambda _store, name: name)


@cache
def session_key() -> str:
    """The development value of ``KOOGALLERY_SESSION_KEY``: a key everybody can make, and none to stand in a file."""
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = derive_private_key(int.from_bytes(sha256(b"development-session-key").digest()), SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@cache
def rsa_key() -> str:
    """The development value of ``KOOGALLERY_RSA_PRIVATE_KEY``, made likewise: the first primes behind two digests."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    p, q = _digest_number(b"development-rsa-key p") + 190, _digest_number(b"development-rsa-key q") + 462
    e = 65537
    d = rsa.rsa_recover_private_exponent(e, p, q)
    crt = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
    key = rsa.RSAPrivateNumbers(p, q, d, *crt, rsa.RSAPublicNumbers(e, p * q)).private_key(
        unsafe_skip_rsa_key_validation=True
    )
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _digest_number(text: bytes) -> int:
    """An odd number of 1536 bits, the two highest of them set."""
    return int.from_bytes(shake_256(text).digest(192)) | 3 << 1534 | 1


def kept(file: Path = FILE) -> dict[str, str]:
    """The settings of the file, if there is one: ``NAME=value`` a line, as systemd and Docker read it too."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    pairs = (line.partition("=") for line in lines if line.strip() and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def completed(environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """``environ`` with what it lacks, from the file of the current folder or made up, and the names of what was made
    up. An empty value counts as none.
    """
    environ = kept() | {name: value for name, value in environ.items() if value.strip()}
    made_up = defaults(environ) | {
        "KOOGALLERY_SESSION_KEY": session_key(),
        "KOOGALLERY_RSA_PRIVATE_KEY": rsa_key(),
    }
    missing = {name: value for name, value in made_up.items() if not environ.get(name, "").strip()}
    return {**environ, **missing}, sorted(missing)
