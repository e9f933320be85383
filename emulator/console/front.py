"""One server for the console and for the marketplace's APIs: paths of an API go to its handle, all others to the pages.

The pages' part is made when the first of them is asked for, or by :meth:`Front.warm_up`: importing Flask must not hold
up the bundle's start.
"""

from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from emulator.wire.server import Handle, droppable
from shared.runtimes.wsgi import application


class Front:
    """A WSGI application.

    :param handles: handle by path; a key that ends with ``/`` stands for every path below it. The longest wins.
    :param pages: makes the application for everything else.
    """

    def __init__(self, handles: Mapping[str, Handle], pages: Callable[[], WSGIApplication]) -> None:
        self._exact = {path: application(droppable(handle)) for path, handle in handles.items()}
        self._below = sorted((path for path in handles if path.endswith("/")), key=len, reverse=True)
        self._make = pages
        self._pages: WSGIApplication | None = None
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._for(environ.get("PATH_INFO", ""))(environ, start_response)

    def warm_up(self) -> WSGIApplication:
        with self._lock:
            if self._pages is None:
                self._pages = self._make()
            return self._pages

    def _for(self, path: str) -> WSGIApplication:
        if path in self._exact:
            return self._exact[path]
        prefix = next((each for each in self._below if path.startswith(each)), None)
        return self._exact[prefix] if prefix else self._pages or self.warm_up()
