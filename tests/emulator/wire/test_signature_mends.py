"""The code that mends a signature gives the right one. Each language is run where it is installed. Go and PHP, which no
other test needs, are held by the digest of what was run elsewhere.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from emulator.wire.signature.doctor.mends import MEND_LANGUAGES, code, mend
from shared.openapi.usage_push import push_signature
from shared.protocol.signing import body_sign, sign_body, sign_query
from shared.protocol.sync.lenient_json import read_members
from shared.protocol.sync.signing import canonical, sign_payload, sign_properties

KEY, NONCE, STAMP = "11111111-密钥-+/", "50D83FDECAED6CCD", "1680508066618"
BODY = '{"resultCode":"000000","resultMsg":"购买成功 <&>"}'
FIELDS = {"timeStamp": "20261122204237125", "activity": "newInstance", "a": "测试 用户&Co=1+1", "a1": "", "Zone": "~"}
TEXTS = {"timeStamp": "20261122204237125", "tenantId": "T1", "name": "测试 企业", "blank": "  ", "App": "+/="}
MEMBERS: dict[str, Any] = {"tenantId": "T1", "name": "测试/企业", "domainName": None, "flag": 1, "App": "<&>"}
PAYLOAD = canonical(read_members(json.dumps(MEMBERS).encode()))

RIGHT = {
    "answer": body_sign(KEY, BODY.encode()),
    "v1": sign_query(KEY, FIELDS),
    "v2": sign_body(KEY, NONCE, STAMP, BODY.encode()),
    "sync-v1": sign_properties(KEY, TEXTS),
    "sync-v2": sign_payload(KEY, NONCE, STAMP, PAYLOAD),
    "push": push_signature(KEY, STAMP, NONCE, BODY.encode()),
}
GIVEN: dict[str, Sequence[Any]] = {
    "answer": (KEY, BODY),
    "v1": (KEY, FIELDS),
    "v2": (KEY, NONCE, STAMP, BODY),
    "sync-v1": (KEY, TEXTS),
    "sync-v2": (KEY, NONCE, STAMP, MEMBERS),
    "push": (KEY, STAMP, NONCE, BODY),
}
"""What each rule's function is called with; where it takes bytes, the text's."""
BYTES = {"python": ("answer", "v2", "push"), "node": ("answer", "v2"), "java": ("answer", "v2")}
ELSEWHERE = {"go": "74fb80dddc815177", "php": "a08b4f04833e8b2d"}


def in_python(_folder: Path) -> dict[str, str]:
    found = {}
    for rule, given in GIVEN.items():
        names: dict[str, Any] = {}
        exec(code(rule, "python"), names)  # noqa: S102 - our own
        function: Callable[..., str] = next(each for each in names.values() if isinstance(each, FunctionType))
        *first, last = given
        found[rule] = function(*first, last.encode() if rule in BYTES["python"] else last)
    return found


def in_node(folder: Path) -> dict[str, str]:
    calls = []
    for rule, given in GIVEN.items():
        (name,) = re.findall(r"^function (\w+)\(", code(rule, "node"), re.MULTILINE)
        *first, last = (json.dumps(each) for each in given)
        last = f"Buffer.from({last})" if rule in BYTES["node"] else last
        calls.append(f"(() => {{ {code(rule, 'node')}\n return {name}({', '.join([*first, last])}); }})()")
    file = folder / "mends.js"
    file.write_text(f"console.log(JSON.stringify([{', '.join(calls)}]))", encoding="utf-8")
    return dict(zip(GIVEN, json.loads(ran("node", str(file))), strict=True))


def in_java(folder: Path) -> dict[str, str]:
    imports, classes, calls = set[str](), list[str](), list[str]()
    for rule, given in GIVEN.items():
        text = code(rule, "java")
        imports |= set(re.findall(r"^import .*;$", text, re.MULTILINE))
        classes.append(text[text.index("final class") :])
        (name,) = re.findall(r"^final class (\w+)", text, re.MULTILINE)
        *first, last = given
        last = PAYLOAD.decode() if rule == "sync-v2" else last
        values = ", ".join([*map(json.dumps, first), in_java_words(last, as_bytes=rule in BYTES["java"])])
        calls.append(f"System.out.println({name}.sign({values}));")
    main = f"class Run {{ public static void main(String[] all) throws Exception {{ {' '.join(calls)} }} }}"
    file = folder / "Run.java"
    file.write_text("\n".join([*sorted(imports), main, *classes]), encoding="utf-8")
    return dict(zip(GIVEN, ran("java", str(file)).splitlines(), strict=True))


def in_java_words(value: Any, *, as_bytes: bool) -> str:
    if isinstance(value, dict):
        return f"Map.of({', '.join(json.dumps(each) for pair in value.items() for each in pair)})"
    return f"{json.dumps(value)}.getBytes(StandardCharsets.UTF_8)" if as_bytes else json.dumps(value)


def in_php(folder: Path) -> dict[str, str]:
    functions, calls = list[str](), list[str]()
    for rule, given in GIVEN.items():
        text = code(rule, "php").removeprefix("<?php\n")
        (name,) = re.findall(r"^function (\w+)\(", text, re.MULTILINE)
        functions.append(text)
        values = [f"json_decode({json.dumps(json.dumps(each), ensure_ascii=True)}, true)" for each in given]
        calls.append(f"{name}({', '.join(values).replace('$', chr(92) + '$')})")
    file = folder / "mends.php"
    file.write_text(f"<?php\n{''.join(functions)}\necho json_encode([{', '.join(calls)}]);", encoding="utf-8")
    return dict(zip(GIVEN, json.loads(ran("php", str(file))), strict=True))


def in_go(folder: Path) -> dict[str, str]:
    imports, functions, calls = {'"fmt"'}, list[str](), list[str]()
    for rule, given in GIVEN.items():
        head, _, rest = code(rule, "go").partition(")\n")
        imports |= set(re.findall(r'"[a-z0-9/]+"', head))
        functions.append(rest)
        (name,) = re.findall(r"^func ([A-Z]\w+)\(", rest, re.MULTILINE)
        *first, last = given
        values = ", ".join([*map(json.dumps, first), in_go_words(last, as_bytes=rule in BYTES["python"])])
        calls.append(f"first({name}({values}))" if rule == "sync-v2" else f"{name}({values})")
    main = f"func main() {{ for _, each := range []string{{{', '.join(calls)}}} {{ fmt.Println(each) }} }}"
    helper = "func first(text string, err error) string { return text }"
    file = folder / "mends.go"
    parts = ["package main", f"import ({chr(10).join(sorted(imports))})", *functions, helper, main]
    file.write_text("\n".join(parts), encoding="utf-8")
    return dict(zip(GIVEN, ran("go", "run", str(file)).splitlines(), strict=True))


def in_go_words(value: Any, *, as_bytes: bool) -> str:
    if isinstance(value, dict):
        kind = "string" if all(isinstance(each, str) for each in value.values()) else "any"
        pairs = (f"{json.dumps(name)}: {'nil' if each is None else json.dumps(each)}" for name, each in value.items())
        return f"map[string]{kind}{{{', '.join(pairs)}}}"
    return f"[]byte({json.dumps(value)})" if as_bytes else json.dumps(value)


def ran(*command: str) -> str:
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, check=True).stdout


RUNS: dict[str, Callable[[Path], dict[str, str]]] = {
    "python": in_python,
    "node": in_node,
    "java": in_java,
    "php": in_php,
    "go": in_go,
}


@pytest.mark.sweep
@pytest.mark.parametrize("language", MEND_LANGUAGES)
def test_the_code_gives_the_right_signature(language: str, tmp_path: Path) -> None:
    if language != "python" and shutil.which(language) is None:
        if language not in ELSEWHERE:
            pytest.skip(f"{language} is not installed")
        text = "".join(code(rule, language) for rule in GIVEN)
        assert sha256(text.encode()).hexdigest()[:16] == ELSEWHERE[language], "run it where it is installed"
        return
    assert RUNS[language](tmp_path) == RIGHT


@pytest.mark.parametrize("language", MEND_LANGUAGES)
@pytest.mark.parametrize("rule", GIVEN)
def test_for_each_mistake_some_line_is_marked(rule: str, language: str) -> None:
    marked = {aspect for line in mend(rule, language) for aspect in line.aspects}
    assert marked == {"key", "secret", "digest", "text", "form"} | ({"header"} if rule == "answer" else set())
    assert "@@" not in code(rule, language)
    assert max(map(len, code(rule, language).splitlines())) <= 120
