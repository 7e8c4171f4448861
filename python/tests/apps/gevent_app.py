# gevent's own server, and its way to work at once: "pool" in greenlets, "thread" in one of threading, "later" after the response.

import sys

from gevent import monkey

monkey.patch_all()

import gevent
from gevent.pool import Pool
from gevent.pywsgi import WSGIServer
from work import ask, later, work

_pool = Pool(64)


def app(environ, start_response):
    how, name = environ["PATH_INFO"].split("/")[1:3]
    environ["wsgi.input"].read()
    if how == "gather":
        gevent.joinall(
            [gevent.spawn(ask, f"{name}a"), gevent.spawn(ask, f"{name}b"), _pool.spawn(ask, f"{name}c")]
        )
    elif how == "later":
        gevent.spawn(later, f"{name}a")
    else:
        work(how, name)
    start_response("200 OK", [("Content-Length", str(len(name)))])
    return [name.encode()]


if __name__ == "__main__":
    WSGIServer(("127.0.0.1", int(sys.argv[1])), app, log=None, backlog=128).serve_forever()
