"""``python -m shared.server.http_function PORT``: the bundle as an HTTP function of FunctionGraph.

One process and its threads, without a supervisor: the platform starts processes, and ends them. Sweep and upload have
timers of their own, which only event functions can have.
"""

import signal
import socket
import sys

from shared import log
from shared.app import bootstrap
from shared.errors import ConfigurationError
from shared.pipelines.preload import preload
from shared.runtimes.http_function import Platform
from shared.runtimes.wsgi import application
from shared.server.child import EndSignal
from shared.server.listener import Listener
from shared.server.routes import needs, routes

HOST = "127.0.0.1"
"""Where the platform calls, and nobody else can."""


def main(port: int) -> int:
    """Answer calls until SIGTERM; those that have begun get their answers. Returns 0.

    :returns: 1 if the settings forbid to run at all.
    """
    end = EndSignal(signal.SIGTERM, signal.SIGINT)
    platform = Platform()
    try:
        app = bootstrap(platform.setting)
        threads = app.settings.threads
    except ConfigurationError as error:
        log.alarm(str(error))
        return 1
    preload(needs(), platform.setting)
    listener = Listener(application(platform.heard(routes(app))), socket.create_server((HOST, port)), threads)
    listener.run_until(end.came)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
