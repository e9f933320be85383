"""``clientSecret``: what Java and OpenSSL encrypted, and what nobody may have encrypted."""

import pytest

from shared.errors import ConfigurationError, InvalidParameter
from shared.protocol.client_secret import decrypt_secret
from tests.vectors import each, load

KEYS = {vector["name"]: vector["pem"] for vector in load("client_secret")["keys"]}
BOTH = KEYS["new"] + KEYS["old"]
GOOD = load("client_secret")["valid"][0]


@each("client_secret", "valid")
@pytest.mark.parametrize("keys", [None, BOTH, KEYS["old"] + KEYS["new"]], ids=["one", "new first", "old first"])
def test_vector(vector, keys):
    assert decrypt_secret(keys or KEYS[vector["key"]], vector["ciphertext"]) == vector["secret"]


@each("client_secret", "invalid")
def test_invalid_vector(vector):
    with pytest.raises(InvalidParameter) as refused:
        decrypt_secret(KEYS[vector["key"]], vector["ciphertext"])
    assert str(refused.value) == "clientSecret cannot be decrypted"
    assert refused.value.__cause__ is None


@pytest.mark.sweep
@pytest.mark.parametrize(
    "pem",
    [
        BOTH.replace("\n", "\\n"),
        BOTH.replace("\n", " "),
        BOTH.replace("\n", "\r\n"),
        "".join(BOTH.split("\n")),
        f"junk\n{BOTH}, {BOTH}",
    ],
    ids=["escaped", "blanks", "Windows", "nothing", "junk"],
)
def test_keys_survive_what_settings_do_to_line_breaks(pem):
    assert decrypt_secret(pem, GOOD["ciphertext"]) == GOOD["secret"]


def test_line_breaks_and_decoded_plus_signs_in_the_ciphertext():
    text = GOOD["ciphertext"]
    assert "+" in text
    lines = "\r\n".join(text[start : start + 76] for start in range(0, len(text), 76))
    assert decrypt_secret(BOTH, lines.replace("+", " ")) == GOOD["secret"]


def small_key() -> str:
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def other_key() -> str:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("pem", "what"),
    [
        ("", "must hold a private key in PEM form"),
        ("not a key", "must hold a private key in PEM form"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "holds a block that is no private key"),
        ("-----BEGIN PRIVATE KEY-----\n*\n-----END PRIVATE KEY-----", "holds a block that is no private key"),
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END", "must not be encrypted"),
        (small_key(), "must hold RSA keys of 3072 bits or more"),
        (other_key(), "must hold RSA keys of 3072 bits or more"),
    ],
    ids=["none", "text", "no DER", "no base64", "encrypted", "small", "elliptic"],
)
def test_keys_that_cannot_be_used_are_a_matter_of_settings(pem, what):
    with pytest.raises(ConfigurationError, match=f"KOOGALLERY_RSA_PRIVATE_KEY {what}") as refused:
        decrypt_secret(pem, GOOD["ciphertext"])
    assert "AAAA" not in str(refused.value)
