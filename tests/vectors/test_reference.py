"""Every home-made vector once more in Java, and random input that no vector holds."""

import json
import random
import string
from base64 import b64decode
from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest

from shared.protocol.field_cipher import FieldCipher, derive_key
from shared.protocol.signing import sign_body, sign_query
from tests.vectors import load
from tests.vectors.reference import Ask, Question, answering

ALPHABETS = (
    string.ascii_letters + string.digits,
    string.printable,
    "中文测试＋ｱ\uffee",
    "\U0001f600\U00020000\U0010fffd\x00é",
)


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Java."""
    with answering() as it:
        yield it


def texts(chance: random.Random, longest: int) -> str:
    alphabet = chance.choice(ALPHABETS) + chance.choice(ALPHABETS)
    return "".join(chance.choices(alphabet, k=chance.randint(1, longest)))


def query(key: str, pairs: list[tuple[str, str]]) -> Question:
    return ["query", key, *(text for pair in pairs for text in pair)]


def test_java_computes_the_same_signatures(ask: Ask) -> None:
    v1, v2, answers = load("v1_query")["valid"], load("v2_body")["valid"], load("body_sign")["valid"]
    expected = [vector["authToken"] for vector in v1] + [vector["signature"].upper() for vector in v2]
    expected += [vector["signature"] for vector in answers]
    questions = [query(vector["key"], parse_qsl(vector.get("signed", vector["query"]), True)) for vector in v1]
    questions += [["body", *(vector[name] for name in ("key", "nonce", "timestamp", "body"))] for vector in v2]
    questions += [["body_sign", vector["key"], vector["body"]] for vector in answers]
    assert ask(questions) == expected


def test_java_computes_the_same_signatures_of_sync_calls(ask: Ask) -> None:
    vectors = load("sync_sign")
    expected = [vector["sign"].upper() for vector in vectors["v2"]]
    expected += [vector["authToken"] for vector in vectors["v1"]]
    questions: list[Question] = [
        ["sync", *(vector[name] for name in ("key", "nonce", "timestamp", "canonical"))] for vector in vectors["v2"]
    ]
    stamps = [json.loads(vector["body"])["timeStamp"] for vector in vectors["v1"]]
    questions += [
        ["body_sign", vector["key"] + stamp, vector["signed"]]
        for vector, stamp in zip(vectors["v1"], stamps, strict=True)
    ]
    assert ask(questions) == expected


def test_java_computes_the_same_keys_and_ciphertexts(ask: Ask) -> None:
    vectors = load("field_cipher")
    expected = [vector["derived"] for vector in vectors["derived"]] + [vector["value"] for vector in vectors["valid"]]
    questions: list[Question] = [["derive", vector["key"], str(vector["bits"])] for vector in vectors["derived"]]
    questions += [
        ["encrypt", vector["key"], str(vector["bits"]), vector["iv"], vector["text"]] for vector in vectors["valid"]
    ]
    assert ask(questions) == expected


def test_java_refuses_the_same_ciphertexts(ask: Ask) -> None:
    refused = [vector for vector in load("field_cipher")["invalid"] if vector["java"]]
    questions = [["decrypt", vector["key"], str(vector["bits"]), vector["value"]] for vector in refused]
    assert ask(questions) == ["refused"] * len(refused)
    assert refused


def test_java_agrees_on_random_input(ask: Ask) -> None:
    chance = random.Random(1)
    questions: list[Question] = []
    expected: list[str] = []
    for _ in range(200):
        key, bits = texts(chance, 90), chance.choice((128, 256))
        parameters = {texts(chance, 4): texts(chance, 20) for _ in range(8)} | {"timeStamp": texts(chance, 17)}
        nonce, body, secret = texts(chance, 20), chance.randbytes(50), texts(chance, 40)
        questions += [
            query(key, list(parameters.items())),
            ["body", key, nonce, "1716363778801", body],
            ["derive", key, str(bits)],
            ["decrypt", key, str(bits), FieldCipher([key], bits).encrypt(secret)],
        ]
        expected += [
            sign_query(key, parameters),
            sign_body(key, nonce, "1716363778801", body),
            derive_key(key, bits).hex(),
            secret,
        ]
    answers = ask(questions)
    answers[3::4] = [b64decode(answer).decode() for answer in answers[3::4]]
    assert answers == expected
