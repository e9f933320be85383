"""Whose requests they are: the environment first, then what botocore finds."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.aws.credentials import Credentials, current_credentials, current_region, forget_credentials
from shared.errors import ConfigurationError

NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No credentials but those of a profile's file, which is not there yet."""
    for name in (*NAMES, "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    profile = tmp_path / "profile"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(profile))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    forget_credentials()
    return profile


def test_the_environment_is_read_anew_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("one", "two"):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        assert current_credentials() == Credentials(key, "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    assert current_credentials().token == "token"


def test_a_profile_is_found_by_botocore(nothing_set: Path) -> None:
    nothing_set.write_text("[default]\naws_access_key_id=A\naws_secret_access_key=S\naws_session_token=T\n")
    assert current_credentials() == Credentials("A", "S", "T")
    nothing_set.write_text("[default]\naws_access_key_id=B\naws_secret_access_key=S\n")
    assert current_credentials().access_key == "A"
    forget_credentials()
    assert current_credentials() == Credentials("B", "S")


def test_there_are_none() -> None:
    with pytest.raises(ConfigurationError, match="set AWS_ACCESS_KEY_ID"):
        current_credentials()


def test_the_region_of_the_environment_or_of_the_profile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert current_region() is None
    (tmp_path / "config").write_text("[default]\nregion = eu-north-1\n")
    assert current_region() == "eu-north-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert current_region() == "eu-west-1"
    monkeypatch.setenv("AWS_REGION", "eu-west-2")
    assert current_region() == "eu-west-2"


def test_where_botocore_is_not_packed_it_is_said_what_to_set() -> None:
    code = (
        "import sys; sys.modules['botocore'] = None\n"
        "from shared.aws.credentials import current_credentials\n"
        "from shared.errors import ConfigurationError\n"
        "try: current_credentials()\n"
        "except ConfigurationError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("set AWS_ACCESS_KEY_ID")
