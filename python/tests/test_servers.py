# Servers and frameworks people use: which request caused it, at 32 clients that keep their connections. Needs their packages.

from __future__ import annotations

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from attribution import check
from programs import PYTHON, has

GUNICORN = [PYTHON, "-m", "gunicorn", "-b", "127.0.0.1:PORT", "--backlog", "128", "--log-level", "error"]
GTHREAD = [*GUNICORN, "-w", "2", "--threads", "8"]
UVICORN = [PYTHON, "-m", "uvicorn", "--port", "PORT", "--log-level", "error", "fastapi_app:app"]
THREADED = (("plain", 3), ("pool", 3), ("later", 1))
ASYNC = (("plain", 3), ("gather", 3), ("pool", 2), ("later", 1))

# Name → module that must be there, command, what the application does.
SERVERS = {
    "Flask's own": ("flask", [PYTHON, "flask_app.py", "PORT"], THREADED),
    "gunicorn sync": ("gunicorn", [*GUNICORN, "-w", "4", "flask_app:app"], THREADED),
    "gunicorn gthread": ("gunicorn", [*GTHREAD, "flask_app:app"], THREADED),
    "gunicorn gthread preload": ("gunicorn", [*GTHREAD, "--preload", "flask_app:app"], THREADED),
    "gunicorn uvicorn worker": (
        "uvicorn",
        [*GUNICORN, "-w", "2", "-k", "uvicorn.workers.UvicornWorker", "fastapi_app:app"],
        ASYNC,
    ),
    "uvicorn h11": ("uvicorn", [*UVICORN, "--http", "h11", "--loop", "asyncio"], ASYNC),
    "uvicorn httptools": ("httptools", [*UVICORN, "--http", "httptools", "--loop", "asyncio"], ASYNC),
    "uvicorn uvloop": ("uvloop", [*UVICORN, "--http", "httptools", "--loop", "uvloop"], ASYNC),
    "uvicorn uvloop h11": ("uvloop", [*UVICORN, "--http", "h11", "--loop", "uvloop"], ASYNC),
    "gunicorn gevent": ("gevent", [*GUNICORN, "-w", "2", "-k", "gevent", "flask_app:app"], THREADED),
    "gevent": (
        "gevent",
        [PYTHON, "gevent_app.py", "PORT"],
        (("plain", 3), ("gather", 3), ("thread", 1), ("later", 1)),
    ),
    "eventlet": (
        "eventlet",
        [PYTHON, "eventlet_app.py", "PORT"],
        (("plain", 3), ("gather", 3), ("thread", 1), ("later", 1)),
    ),
    "aiohttp": ("aiohttp", [PYTHON, "aiohttp_app.py", "PORT"], ASYNC),
    "aiohttp uvloop": ("uvloop", [PYTHON, "aiohttp_app.py", "PORT", "uvloop"], ASYNC),
}


ONLY = os.environ.get("ONLY", "")


class Servers(unittest.TestCase):
    def test_every_operation_belongs_to_its_request(self) -> None:
        for name, (module, command, cases) in SERVERS.items():
            if ONLY not in name or not has(module):
                continue
            for how, per_request in cases:
                with self.subTest(name, how=how):
                    check(self, command, how, per_request)

    def test_functions_in_a_pool(self) -> None:
        """FastAPI runs `def` in threads of its own."""
        if has("fastapi"):
            for how, per_request in (("plain", 3), ("thread", 1)):
                with self.subTest(how):
                    check(self, [*UVICORN, "--http", "h11", "--loop", "asyncio"], how, per_request, "/sync")


if __name__ == "__main__":
    unittest.main()
