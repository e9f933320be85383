"""DynamoDB engines: each is started once in a process, and whoever uses it has tables of its own."""

from collections.abc import Iterator

import pytest

from tests import engines


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    with engines.moto_endpoint() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def ministack() -> Iterator[str]:
    with engines.ministack() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def dynalite() -> Iterator[str]:
    with engines.dynalite() as endpoint:
        yield endpoint
