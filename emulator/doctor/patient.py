"""The deployment that is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

from emulator.doctor.diagnosis import Diagnosis, graded
from emulator.keys import several
from shared.app import App
from shared.clock import Clock, Deadline, SystemClock
from shared.config import Resolver, Settings, of
from shared.errors import ConfigurationError, KooGalleryError
from shared.outbound import is_loopback
from shared.secrets import resolver
from shared.timeouts import within

SECRET_SECONDS = 4.0
"""For one secret of a secret store at most."""


@dataclass(frozen=True)
class Patient:
    """What the settings in ``environ`` make.

    :param address: production address to look at, in place of the one that the settings make.
    :param create: may instances be created in the seller's own system?
    :param public_key: the public half of the RSA key as it was pasted into the seller console; empty if not given.
    """

    environ: Mapping[str, str] = field(repr=False)
    address: str = ""
    create: bool = False
    public_key: str = ""
    clock: Clock = field(default_factory=SystemClock)

    @cached_property
    def settings(self) -> Settings:
        """The settings; development keys are found by a check of their own, so that the others can go on."""
        lookup = of(self.environ)
        return Settings(lookup, Secrets(resolver(lookup), self.clock))

    @cached_property
    def app(self) -> App:
        """The bundle's own parts, built as a platform would."""
        return App(self.settings, clock=self.clock)

    @property
    def url(self) -> str:
        """The production address: the one asked for, or the one that the settings make; empty if there is none."""
        if self.address:
            return self.address
        public = self.value("KOOGALLERY_PUBLIC_URL").rstrip("/")
        try:
            return public and (public + self.settings.base_path).rstrip("/")
        except ConfigurationError:
            return public

    def worse(self, check: str) -> Diagnosis:
        """What may be so on a machine for trying things out, and is a fault behind a public address."""
        host = urlsplit(self.url).hostname or ""
        return graded(check, severe=bool(host) and not is_loopback(host))

    def value(self, name: str) -> str:
        """The setting called ``name``; empty if not set, or if it cannot be read, of which there is a check."""
        try:
            return self.settings.get(name)
        except ConfigurationError:
            return ""

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys in the setting called ``name``."""
        return several(self.value(name))

    def deadline(self, seconds: float) -> Deadline:
        return Deadline(self.clock, seconds)


class Secrets:
    """A resolver that asks a secret store that does not answer once, and not long."""

    def __init__(self, resolve: Resolver, clock: Clock) -> None:
        self._resolve, self._clock = resolve, clock
        self._failed: dict[tuple[str, str], KooGalleryError] = {}

    def __call__(self, store: str, reference: str) -> str:
        """The secret.

        :raises ConfigurationError: it cannot be read.
        """
        secret = store, reference.partition("#")[0]
        if secret in self._failed:
            raise self._failed[secret].with_traceback(None)
        try:
            within(Deadline(self._clock, SECRET_SECONDS), lambda: self._resolve(*secret), _late(store))
        except KooGalleryError as problem:
            self._failed[secret] = problem
            raise
        return self._resolve(store, reference)


def _late(store: str) -> ConfigurationError:
    return ConfigurationError(f"a secret cannot be read from {store}: it does not answer in {SECRET_SECONDS:g} seconds")
