# eventlet's own server, and its way to work at once: "gather" in green threads, "thread" in one of threading, "later" after the response.
# argv[2]: another application to serve, as `module:name`.

import importlib
import sys
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
import eventlet

eventlet.monkey_patch()

from eventlet import wsgi
from work import ask, later, work

_pool = eventlet.GreenPool(64)


def app(environ, start_response):
    how, name = environ["PATH_INFO"].split("/")[1:3]
    environ["wsgi.input"].read()
    if how == "gather":
        threads = [eventlet.spawn(ask, f"{name}a"), _pool.spawn(ask, f"{name}b")]
        eventlet.spawn_n(ask, f"{name}c")
        for thread in threads:
            thread.wait()
    elif how == "later":
        eventlet.spawn(later, f"{name}a")
    else:
        work(how, name)
    start_response("200 OK", [("Content-Length", str(len(name)))])
    return [name.encode()]


if __name__ == "__main__":
    if len(sys.argv) > 2:
        module, name = sys.argv[2].split(":")
        app = getattr(importlib.import_module(module), name)
    wsgi.server(eventlet.listen(("127.0.0.1", int(sys.argv[1])), backlog=128), app, log_output=False)
