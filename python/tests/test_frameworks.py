# Frameworks on servers: the right request for every operation at 32 clients that keep their connections, and the route template.

from __future__ import annotations

import os
import shutil
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]

from attribution import check
from programs import PYTHON, has

GUNICORN = [PYTHON, "-m", "gunicorn", "-b", "127.0.0.1:PORT", "--keep-alive", "20"]
UVICORN = [PYTHON, "-m", "uvicorn", "--port", "PORT", "--log-level", "error"]
THREADS = ["-w", "2", "--threads", "16", "-k", "gthread"]
HYPERCORN = [PYTHON, "-m", "hypercorn", "-b", "127.0.0.1:PORT"]
UWSGI = shutil.which("uwsgi-core") or shutil.which("uwsgi")
UWSGI_COMMAND = [
    *(str(UWSGI), "--plugin", "python3", "-H", os.path.dirname(os.path.dirname(PYTHON))),
    *("--http-socket", "127.0.0.1:PORT", "-p", "2", "--threads", "8", "--enable-threads"),
    *("--die-on-term", "--master", "-L", "--add-header", "Connection: close", "--wsgi"),
]

# Name, modules, command, how and operations per request, prefix, route.
MATRIX = [
    (
        "flask, gunicorn sync",
        "flask gunicorn",
        [*GUNICORN, "-w", "4", "flask_app:app"],
        "plain",
        3,
        "",
        "/<how>/<name>",
    ),
    (
        "flask, gunicorn gthread",
        "flask gunicorn",
        [*GUNICORN, *THREADS, "flask_app:app"],
        "pool",
        3,
        "",
        "/<how>/<name>",
    ),
    (
        "flask, gunicorn preload",
        "flask gunicorn",
        [*GUNICORN, *THREADS, "--preload", "flask_app:app"],
        "thread",
        1,
        "",
        "/<how>/<name>",
    ),
    ("flask, its server", "flask", [PYTHON, "flask_app.py", "PORT"], "plain", 3, "", "/<how>/<name>"),
    (
        "flask, waitress",
        "flask waitress",
        [PYTHON, "waitress_app.py", "PORT"],
        "plain",
        3,
        "",
        "/<how>/<name>",
    ),
    (
        "django, gunicorn gthread",
        "django gunicorn",
        [*GUNICORN, *THREADS, "django_app:application"],
        "plain",
        3,
        "",
        "/<str:how>/<str:name>",
    ),
    (
        "django, its server",
        "django",
        [PYTHON, "django_app.py", "PORT"],
        "plain",
        3,
        "",
        "/<str:how>/<str:name>",
    ),
    (
        "django, waitress",
        "django waitress",
        [PYTHON, "-m", "waitress", "--listen=127.0.0.1:PORT", "--threads=8", "django_app:application"],
        "plain",
        3,
        "",
        "/<str:how>/<str:name>",
    ),
    (
        "django ASGI, blocking view",
        "django uvicorn",
        [*UVICORN, "--lifespan", "off", "django_app:asgi"],
        "plain",
        3,
        "",
        "/<str:how>/<str:name>",
    ),
    (
        "django ASGI, coroutine",
        "django uvicorn",
        [*UVICORN, "--lifespan", "off", "django_app:asgi"],
        "gather",
        3,
        "/deep",
        "/deep/<str:how>/<str:name>",
    ),
    (
        "django ASGI, daphne",
        "django daphne",
        [PYTHON, "-m", "daphne", "-b", "127.0.0.1", "-p", "PORT", "-v", "0", "django_app:asgi"],
        "plain",
        3,
        "/deep",
        "/deep/<str:how>/<str:name>",
    ),
    (
        "fastapi, uvicorn h11",
        "fastapi uvicorn",
        [*UVICORN, "--http", "h11", "--loop", "asyncio", "fastapi_app:app"],
        "gather",
        3,
        "",
        "/{how}/{name}",
    ),
    (
        "fastapi, uvicorn httptools",
        "fastapi httptools",
        [*UVICORN, "--http", "httptools", "--loop", "asyncio", "fastapi_app:app"],
        "plain",
        3,
        "",
        "/{how}/{name}",
    ),
    (
        "fastapi, uvicorn uvloop",
        "fastapi uvloop",
        [*UVICORN, "--http", "httptools", "--loop", "uvloop", "fastapi_app:app"],
        "plain",
        3,
        "",
        "/{how}/{name}",
    ),
    (
        "fastapi, blocking route",
        "fastapi uvicorn",
        [*UVICORN, "fastapi_app:app"],
        "plain",
        3,
        "/sync",
        "/sync/{how}/{name}",
    ),
    (
        "fastapi, hypercorn",
        "fastapi hypercorn",
        [PYTHON, "-m", "hypercorn", "-b", "127.0.0.1:PORT", "fastapi_app:app"],
        "gather",
        3,
        "",
        "/{how}/{name}",
    ),
    (
        "starlette, hypercorn trio, plain",
        "starlette hypercorn trio",
        [PYTHON, "-m", "hypercorn", "-k", "trio", "-b", "127.0.0.1:PORT", "trio_app:app"],
        "plain",
        3,
        "",
        "/{how}/{name}",
    ),
    (
        "starlette, hypercorn trio, gather",
        "starlette hypercorn trio",
        [PYTHON, "-m", "hypercorn", "-k", "trio", "-b", "127.0.0.1:PORT", "trio_app:app"],
        "gather",
        3,
        "",
        "/{how}/{name}",
    ),
    (
        "starlette, hypercorn trio, pool",
        "starlette hypercorn trio",
        [PYTHON, "-m", "hypercorn", "-k", "trio", "-b", "127.0.0.1:PORT", "trio_app:app"],
        "pool",
        2,
        "",
        "/{how}/{name}",
    ),
    (
        "flask, gunicorn gevent",
        "flask gunicorn gevent",
        [*GUNICORN, "-w", "2", "-k", "gevent", "flask_app:app"],
        "plain",
        3,
        "",
        "/<how>/<name>",
    ),
    (
        "fastapi, gunicorn",
        "fastapi uvicorn gunicorn",
        [*GUNICORN, "-w", "2", "-k", "uvicorn.workers.UvicornWorker", "fastapi_app:app"],
        "plain",
        3,
        "",
        "/{how}/{name}",
    ),
    (
        "starlette, mounts",
        "starlette uvicorn",
        [*UVICORN, "starlette_app:app"],
        "plain",
        3,
        "/api/v1/shop",
        "/api/{version}/shop/{how}/{name}",
    ),
    (
        "litestar, routers",
        "litestar uvicorn",
        [*UVICORN, "litestar_app:app"],
        "plain",
        3,
        "/api/v1/shop",
        "/api/{version}/shop/{how}/{name}",
    ),
    ("aiohttp", "aiohttp", [PYTHON, "aiohttp_app.py", "PORT"], "gather", 3, "", "/{how}/{name}"),
    ("tornado", "tornado", [PYTHON, "tornado_app.py", "PORT"], "plain", 3, "", "/{how}/{name}"),
    (
        "bottle, waitress",
        "bottle waitress",
        [PYTHON, "-m", "waitress", "--listen=127.0.0.1:PORT", "--threads=8", "bottle_app:app"],
        "plain",
        3,
        "",
        "/<how>/<name>",
    ),
    (
        "bottle, gunicorn gthread",
        "bottle gunicorn",
        [*GUNICORN, *THREADS, "bottle_app:app"],
        "plain",
        3,
        "",
        "/<how>/<name>",
    ),
    (
        "falcon, gunicorn gthread",
        "falcon gunicorn",
        [*GUNICORN, *THREADS, "falcon_app:app"],
        "plain",
        3,
        "",
        "/{how}/{name}",
    ),
    (
        "falcon ASGI, uvicorn",
        "falcon uvicorn",
        [*UVICORN, "falcon_app:asgi"],
        "plain",
        3,
        "",
        "/{how}/{name}",
    ),
    (
        "pyramid, waitress",
        "pyramid waitress",
        [PYTHON, "-m", "waitress", "--listen=127.0.0.1:PORT", "--threads=8", "pyramid_app:app"],
        "plain",
        3,
        "",
        "/{how}/{name}",
    ),
    ("sanic", "sanic", [PYTHON, "sanic_app.py", "PORT"], "plain", 3, "", "/<how:str>/<name:str>"),
    (
        "django, gunicorn uvicorn worker",
        "django gunicorn uvicorn",
        [*GUNICORN, "-w", "2", "-k", "uvicorn.workers.UvicornWorker", "django_app:asgi"],
        "gather",
        3,
        "/deep",
        "/deep/<str:how>/<str:name>",
    ),
    (
        "django ASGI, hypercorn",
        "django hypercorn",
        [*HYPERCORN, "django_app:asgi"],
        "plain",
        3,
        "",
        "/<str:how>/<str:name>",
    ),
    (
        "django, gunicorn gevent",
        "django gunicorn gevent",
        [*GUNICORN, "-w", "2", "-k", "gevent", "django_app:application"],
        "plain",
        3,
        "",
        "/<str:how>/<str:name>",
    ),
    (
        "django, hypercorn",
        "django hypercorn",
        [*HYPERCORN, "wsgi:django_app:application"],
        "plain",
        3,
        "",
        "/<str:how>/<str:name>",
    ),
    (
        "fastapi, daphne",
        "fastapi daphne",
        [PYTHON, "-m", "daphne", "-b", "127.0.0.1", "-p", "PORT", "-v", "0", "fastapi_app:app"],
        "gather",
        3,
        "",
        "/{how}/{name}",
    ),
    (
        "aiohttp, gunicorn",
        "aiohttp gunicorn",
        [*GUNICORN, "-w", "2", "-k", "aiohttp.GunicornWebWorker", "aiohttp_app:app"],
        "plain",
        3,
        "",
        "/{how}/{name}",
    ),
    (
        "tornado, its thread pool",
        "tornado",
        [PYTHON, "tornado_app.py", "PORT"],
        "pool",
        2,
        "",
        "/{how}/{name}",
    ),
    (
        "pyramid, gunicorn gthread",
        "pyramid gunicorn",
        [*GUNICORN, *THREADS, "pyramid_app:app"],
        "plain",
        3,
        "",
        "/{how}/{name}",
    ),
    (
        "falcon ASGI, hypercorn",
        "falcon hypercorn",
        [*HYPERCORN, "falcon_app:asgi"],
        "gather",
        3,
        "",
        "/{how}/{name}",
    ),
    (
        "falcon, waitress",
        "falcon waitress",
        [PYTHON, "-m", "waitress", "--listen=127.0.0.1:PORT", "--threads=8", "falcon_app:app"],
        "pool",
        3,
        "",
        "/{how}/{name}",
    ),
    (
        "flask, eventlet",
        "flask eventlet",
        [PYTHON, "eventlet_app.py", "PORT", "flask_app:app"],
        "plain",
        3,
        "",
        "/<how>/<name>",
    ),
    ("sanic, gather", "sanic", [PYTHON, "sanic_app.py", "PORT"], "gather", 3, "", "/<how:str>/<name:str>"),
    ("flask, uwsgi", "flask", [*UWSGI_COMMAND, "flask_app:app"], "plain", 3, "", "/<how>/<name>"),
    (
        "django, uwsgi",
        "django",
        [*UWSGI_COMMAND, "django_app:application"],
        "plain",
        3,
        "",
        "/<str:how>/<str:name>",
    ),
    ("bottle, uwsgi", "bottle", [*UWSGI_COMMAND, "bottle_app:app"], "plain", 3, "", "/<how>/<name>"),
]


class Matrix(unittest.TestCase):
    def test_each(self) -> None:
        chosen = os.environ.get("WIRETIME_TEST_ONLY", "")
        for name, modules, command, how, per_request, prefix, route in MATRIX:
            if chosen not in name or not all(map(has, modules.split())):
                continue
            if "uwsgi" in name and UWSGI is None:
                continue
            with self.subTest(name):
                check(self, command, how, per_request, prefix, route)


if __name__ == "__main__":
    unittest.main()
