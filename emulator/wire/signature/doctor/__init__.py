"""The signature doctor: which of the usual mistakes gives the signature that came instead of the right one?

Nothing is sent and nothing kept: what should have been signed, the keys there are and the signature received go in, a
:class:`SignatureDiagnosis` comes out. One mistake is tried, then two at once.
"""

from emulator.wire.signature.doctor.answer import of_answer
from emulator.wire.signature.doctor.diagnosis import SignatureDiagnosis
from emulator.wire.signature.doctor.exchange import of_exchange, told
from emulator.wire.signature.doctor.push import of_push
from emulator.wire.signature.doctor.recipe import Slip
from emulator.wire.signature.doctor.requests import rule_of

__all__ = ["SignatureDiagnosis", "Slip", "of_answer", "of_exchange", "of_push", "rule_of", "told"]
