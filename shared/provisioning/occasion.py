"""On whose behalf a provisioner is asked."""

from shared import log


def request_id() -> str:
    """The request id of the call, as the bundle's log lines and the instance's history have it: write it into your own
    log. Outside of a call the name of the job or command; empty where there is neither.
    """
    return log.occasion()
