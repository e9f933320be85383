"""A client secret on its way to the seller: RSA with OAEP padding (joint operation, section 3.1)."""

import base64
import textwrap
from functools import cache

_FRAME = "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n"


def encrypt_secret(public_key: str, secret: str) -> str:
    """``secret`` in base64, both hashes SHA-256.

    :param public_key: PEM, or its base64 without the lines around it, as it is pasted into the seller console.
    :raises ValueError: that is no RSA public key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    text = public_key if "-----BEGIN" in public_key else _FRAME.format(textwrap.fill("".join(public_key.split()), 64))
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("--rsa-public-key holds no public key") from None
    if not isinstance(key, RSAPublicKey):
        raise ValueError("--rsa-public-key holds no RSA key")  # noqa: TRY004 - one error for every unusable file
    return base64.b64encode(key.encrypt(secret.encode(), OAEP(MGF1(SHA256()), SHA256(), label=None))).decode()


@cache
def public_half(private_key: str) -> str:
    """The public key, in PEM, that belongs to a private one."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    key = load_pem_private_key(private_key.encode(), password=None).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
