"""What was found to be wrong with a signature."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from emulator.wire.signature.doctor.recipe import Recipe, Slip, slips_in


@dataclass(frozen=True, slots=True)
class SignatureDiagnosis:
    """``rule``: the kind of :class:`emulator.wire.signature.Explanation`. ``known``: the mistakes explain all that is
    wrong; if not, the signature is none that a usual mistake makes.
    """

    rule: str
    slips: tuple[Slip, ...]
    known: bool = True

    @property
    def right(self) -> bool:
        return self.known and not self.slips

    @property
    def names(self) -> tuple[str, ...]:
        """The mistakes, for programs."""
        return tuple(slip.name for slip in self.slips)

    @property
    def aspects(self) -> frozenset[str]:
        """Which parts of the recipe are wrong."""
        return frozenset(slip.aspect for slip in self.slips)

    def with_header(self, more: Iterable[Slip]) -> "SignatureDiagnosis":
        """Besides, what carries the signature is wrong."""
        return replace(self, slips=(*more, *self.slips))


def diagnosed(rule: str, recipe: Recipe, slips: Iterable[Slip], given: str) -> SignatureDiagnosis:
    """What makes ``given`` differ from what the recipe gives."""
    found = slips_in(recipe, slips, given)
    return SignatureDiagnosis(rule, tuple(found or ()), found is not None)
