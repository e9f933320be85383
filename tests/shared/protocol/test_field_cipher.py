import base64
import re
import subprocess
import sys
import textwrap
from math import ceil
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import ConfigurationError, InvalidParameter
from shared.protocol.field_cipher import MAX_CIPHERTEXT, FieldCipher, derive_key
from shared.store.cipher import StorageCipher
from tests.vectors import each, load

KEY, OLD = "11111111-2222-3333-4444-555555555555", "abcdefg"
PASSPHRASE, OLD_PASSPHRASE = "correct horse battery", "密钥密钥密钥密钥密钥密钥密钥密钥"
FERNET_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
BITS = st.sampled_from([128, 256])
SPELLINGS = [
    lambda value: value,
    lambda value: value + "\n",
    lambda value: "\r\n".join(textwrap.wrap(value, 76)),
    lambda value: value[:16] + base64.encodebytes(base64.b64decode(value[16:])).decode(),
    lambda value: " ".join(textwrap.wrap(value.replace("+", "-"), 76)),
    lambda value: value.replace("+", " "),
    lambda value: value.translate(str.maketrans("+/", "-_")),
    lambda value: value.rstrip("="),
    lambda value: quote(value, safe=""),
    lambda value: quote(quote(value, safe=""), safe=""),
]
"""What happens to base64 on its way."""
VALUE = load("field_cipher")["valid"][1]["value"]


def ciphertext_length(text: str) -> int:
    """As the docstring of ``encrypt`` says."""
    return 16 + 4 * ceil((len(text.encode()) // 16 + 1) * 16 / 3)


class TestDeriveKey:
    @each("field_cipher", "derived")
    def test_vector(self, vector):
        assert derive_key(vector["key"], vector["bits"]).hex() == vector["derived"]


class TestFieldCipher:
    @each("field_cipher", "valid")
    def test_vector(self, vector):
        cipher = FieldCipher([vector["key"]], vector["bits"])
        assert cipher.encrypt(vector["text"], iv=vector["iv"]) == vector["value"]
        assert cipher.decrypt(vector["value"], field="email") == vector["text"]
        assert len(vector["value"]) == ciphertext_length(vector["text"])

    @each("field_cipher", "invalid")
    def test_invalid_vector(self, vector):
        with pytest.raises(InvalidParameter) as refused:
            FieldCipher([vector["key"]], vector["bits"]).decrypt(vector["value"], field="mobilePhone")
        assert str(refused.value) == "mobilePhone cannot be decrypted"
        assert refused.value.__cause__ is None
        assert refused.value.__context__ is None

    @pytest.mark.parametrize("value", ["", "A1b2", "A1b2C3d4E5f6G7h8"])
    def test_no_more_than_an_iv_is_no_value(self, value):
        assert FieldCipher([KEY]).decrypt(value, field="email") is None

    @settings(deadline=None)
    @given(TEXT, BITS)
    def test_round_trip(self, text, bits):
        cipher = FieldCipher([KEY], bits)
        value = cipher.encrypt(text)
        assert cipher.decrypt(value, field="email") == text
        assert len(value) == ciphertext_length(text)

    @each("field_cipher", "valid")
    def test_the_other_size_is_tried_too(self, vector):
        cipher = FieldCipher([vector["key"]], 384 - vector["bits"])
        assert cipher.decrypt(vector["value"], field="email") == vector["text"]

    @pytest.mark.parametrize("bits", [128, 256])
    def test_rotation(self, bits):
        before, between, after = FieldCipher([OLD], bits), FieldCipher([KEY, OLD], bits), FieldCipher([KEY], bits)
        assert between.decrypt(before.encrypt("admin"), field="email") == "admin"
        assert after.decrypt(between.encrypt("admin"), field="email") == "admin"
        with pytest.raises(InvalidParameter):
            after.decrypt(before.encrypt("admin", iv="0" * 16), field="email")

    def test_a_space_is_a_plus_that_was_lost(self):
        with_plus = load("field_cipher")["valid"][2]
        assert "+" in with_plus["value"]
        lost = with_plus["value"].replace("+", " ")
        assert FieldCipher([KEY], 128).decrypt(lost, field="email") == with_plus["text"]

    @settings(deadline=None)
    @given(TEXT, st.sampled_from(SPELLINGS))
    def test_a_buyers_parameter_is_read_however_it_is_spelt(self, text, spelling):
        cipher = FieldCipher([KEY])
        value = cipher.encrypt(text)
        assert cipher.reveal(spelling(value), field="email") == text

    @pytest.mark.parametrize(
        "plain",
        [
            "13800000000",
            "+86 138-0000-0000",
            "user@example.com",
            "a.very.long.name.of.a.buyer@mail.example.com",
            "x" * 17,
            "用户@example.com",
            VALUE[:33],
        ],
    )
    def test_what_has_not_the_form_of_a_ciphertext_is_plain_text(self, plain):
        assert FieldCipher([KEY]).reveal(f" {plain}\n", field="email") == plain

    def test_plain_text_may_be_percent_encoded_too(self):
        assert FieldCipher([KEY]).reveal("user%40example.com", field="email") == "user@example.com"

    @pytest.mark.parametrize("value", [FieldCipher([OLD]).encrypt("admin", iv="0" * 16), "x" * 300, "13\x00"])
    def test_what_can_be_neither_is_refused(self, value):
        with pytest.raises(InvalidParameter, match="email cannot be decrypted"):
            FieldCipher([KEY]).reveal(value, field="email")

    def test_iv_is_new_each_time_and_of_letters_and_digits(self):
        ivs = {FieldCipher([KEY]).encrypt("admin")[:16] for _ in range(50)}
        assert len(ivs) == 50
        assert all(re.fullmatch("[0-9A-Za-z]{16}", iv) for iv in ivs)
        digits = sum(character.isdigit() for iv in ivs for character in iv)
        assert 250 < digits < 550  # half of 800; 10 standard deviations to either side

    @pytest.mark.parametrize(("bits", "encrypt_type"), [(256, "1"), (128, "2")])
    def test_encrypt_type(self, bits, encrypt_type):
        assert FieldCipher([KEY], bits).encrypt_type == encrypt_type

    def test_longest_text_the_marketplace_takes(self):
        assert ciphertext_length("a" * 79) == 124 <= MAX_CIPHERTEXT
        assert ciphertext_length("a" * 80) > MAX_CIPHERTEXT
        assert ciphertext_length("管" * 27) > MAX_CIPHERTEXT

    @pytest.mark.parametrize(("keys", "bits"), [([], 256), ([""], 256), ([KEY, ""], 128), ([KEY], 192), ([KEY], 0)])
    def test_unusable_settings(self, keys, bits):
        with pytest.raises(ConfigurationError):
            FieldCipher(keys, bits)

    def test_text_that_is_not_unicode_is_not_shown(self):
        with pytest.raises(ValueError, match="surrogate") as refused:
            FieldCipher([KEY]).encrypt("secret\ud800")
        assert "secret" not in repr(refused.value)

    @pytest.mark.parametrize("iv", ["short", "A1b2C3d4E5f6G7h8X", "é" * 16])
    def test_an_iv_of_another_form(self, iv):
        with pytest.raises(ValueError):  # noqa: PT011 - the library's own text
            FieldCipher([KEY]).encrypt("admin", iv=iv)

    def test_no_key_in_the_repr(self):
        assert KEY not in repr(FieldCipher([KEY]))


class TestStorageCipher:
    @settings(deadline=None)
    @given(TEXT)
    def test_round_trip(self, text):
        cipher = StorageCipher([PASSPHRASE])
        assert cipher.open(cipher.seal(text)) == text

    @pytest.mark.parametrize("key", [PASSPHRASE, OLD_PASSPHRASE, FERNET_KEY, "x" * 44, "x" * 16])
    def test_a_key_is_the_same_in_every_process(self, key):
        assert StorageCipher([key]).open(StorageCipher([key]).seal("secret")) == "secret"

    def test_a_fernet_key_is_used_as_it_is(self):
        key = Fernet.generate_key()
        assert Fernet(key).decrypt(StorageCipher([key.decode()]).seal("secret")) == b"secret"

    def test_a_derived_key_never_changes(self):
        # Origin: HKDF (RFC 5869) and Fernet's specification, written out with hmac and AES alone.
        sealed = "gAAAAABnT0GAAAECAwQFBgcICQoLDA0OD_9ixORq5l44IQrqM9ey_8-mVUAaYDv8x2c9iPtv4XaYAuIwj-vbd7_V9Bo_xMmBPw=="
        assert StorageCipher([PASSPHRASE]).open(sealed) == "secret"

    def test_rotation(self):
        before, between = StorageCipher([OLD_PASSPHRASE]), StorageCipher([PASSPHRASE, OLD_PASSPHRASE])
        after = StorageCipher([PASSPHRASE])
        assert between.open(before.seal("secret")) == "secret"
        assert after.open(between.seal("secret")) == "secret"
        with pytest.raises(ConfigurationError, match="KOOGALLERY_STORAGE_KEY"):
            after.open(before.seal("secret"))

    def test_sealing_twice_gives_two_tokens(self):
        cipher = StorageCipher([PASSPHRASE])
        assert cipher.seal("secret") != cipher.seal("secret")

    def test_any_changed_byte_is_noticed(self):
        cipher = StorageCipher([PASSPHRASE])
        data = base64.urlsafe_b64decode(cipher.seal("secret"))
        for place in range(len(data)):
            changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
            with pytest.raises(ConfigurationError):
                cipher.open(base64.urlsafe_b64encode(changed).decode())

    @pytest.mark.parametrize("token", ["", "secret", "é", "\ud800", "gAAAAA", VALUE])
    def test_what_was_never_sealed(self, token):
        with pytest.raises(ConfigurationError) as refused:
            StorageCipher([PASSPHRASE]).open(token)
        assert refused.value.__suppress_context__

    @pytest.mark.parametrize("keys", [[], [""], ["x" * 15], [PASSPHRASE, "short"]])
    def test_keys_too_weak(self, keys):
        with pytest.raises(ConfigurationError, match="KOOGALLERY_STORAGE_KEY") as refused:
            StorageCipher(keys)
        assert "short" not in str(refused.value)

    def test_text_that_is_not_unicode_is_not_shown(self):
        with pytest.raises(ValueError, match="surrogate") as refused:
            StorageCipher([PASSPHRASE]).seal("secret\ud800")
        assert "secret" not in repr(refused.value)

    def test_no_key_in_the_repr(self):
        cipher = StorageCipher([PASSPHRASE])
        cipher.seal("secret")
        assert PASSPHRASE not in repr(cipher)


def test_importing_signatures_and_ciphers_does_not_import_cryptography():
    names = "shared.protocol.signing, shared.protocol.field_cipher, shared.protocol.production.extend_params"
    code = f"import sys, {names}, shared.store.cipher; print('cryptography' in sys.modules)"
    root = Path(__file__).parents[3]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
