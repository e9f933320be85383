"""``python -m shared.server.web``: answers calls on the socket that the supervisor listens on."""

import socket
import sys
from os import environ

from shared.app import bootstrap
from shared.pipelines.preload import preload
from shared.runtimes.wsgi import application
from shared.server.child import Lifetime, counted
from shared.server.health import with_health
from shared.server.listener import Listener
from shared.server.metrics import with_metrics
from shared.server.proxies import behind
from shared.server.routes import needs, routes


def main(listening: int, ready: int, supervisor: int) -> None:
    """Answer calls until the process is to end.

    :param listening: descriptor of the listening socket; ``ready``: where to tell that it begins; ``supervisor``: its
        process id.
    """
    life = Lifetime(ready, supervisor)
    app = bootstrap(environ.get)
    preload(needs(), environ.get)
    settings = app.settings
    served = behind(settings.trusted_proxies, application(with_health(app, routes(app))))
    front = with_metrics(counted(), settings.metrics_tokens, served)
    listener = Listener(front, socket.socket(fileno=listening), settings.threads)
    life.ready()
    listener.run_until(life.over)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
