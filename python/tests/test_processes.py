# Servers that start others: reloaders, and what runs beside other tools that also patch Python at its start. In: their commands.
# Out: the process that serves is seen, and its requests once. Needs their packages.

from __future__ import annotations

import http.client
import os
import shutil
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]

from collector import Collector, until
from programs import PYTHON, free_port, has, running
from truth import Server

APPS = os.path.join(HERE, "apps")
BIN = os.path.dirname(PYTHON)
TELEMETRY = [
    os.path.join(BIN, "opentelemetry-instrument"),
    "--traces_exporter",
    "none",
    "--metrics_exporter",
    "none",
]
FLASK = [PYTHON, "-m", "flask", "--app", "flask_app", "run", "--port", "PORT"]

# Name → module that must be there, command.
RELOADERS = {
    "flask": ("flask", [*FLASK, "--debug"]),
    "uvicorn": (
        "uvicorn",
        [PYTHON, "-m", "uvicorn", "--reload", "--port", "PORT", "--log-level", "error", "fastapi_app:app"],
    ),
    "uvicorn workers": (
        "uvicorn",
        [
            PYTHON,
            "-m",
            "uvicorn",
            "--workers",
            "2",
            "--port",
            "PORT",
            "--log-level",
            "error",
            "fastapi_app:app",
        ],
    ),
    "django": ("django", [PYTHON, "manage.py", "runserver", "PORT"]),
    "gunicorn": (
        "gunicorn",
        [
            PYTHON,
            "-m",
            "gunicorn",
            "--reload",
            "-b",
            "127.0.0.1:PORT",
            "--log-level",
            "error",
            "flask_app:app",
        ],
    ),
    "hypercorn": (
        "hypercorn",
        [PYTHON, "-m", "hypercorn", "--reload", "-b", "127.0.0.1:PORT", "fastapi_app:app"],
    ),
}
OTHERS = {
    "opentelemetry-instrument": ("opentelemetry.instrumentation.auto_instrumentation", [*TELEMETRY, *FLASK]),
    "ddtrace-run": ("ddtrace", [os.path.join(BIN, "ddtrace-run"), *FLASK]),
}
MANAGE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
SETTINGS = """
import os, sys
sys.path.insert(0, os.environ["APPS"])
DEBUG = True
SECRET_KEY = "x"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
"""
URLS = """
from django.http import HttpResponse
from django.urls import path
from work import work
urlpatterns = [path("<str:how>/<str:name>", lambda request, how, name: HttpResponse(work(how, name)))]
"""


class Processes(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="wiretime-processes-")
        self.addCleanup(shutil.rmtree, self.folder)
        for name in os.listdir(APPS):
            if name.endswith(".py"):
                shutil.copy(os.path.join(APPS, name), self.folder)
        for name, text in (("manage.py", MANAGE), ("settings.py", SETTINGS), ("urls.py", URLS)):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                file.write(text)

    def check(self, command: list[str], **env: str) -> None:
        """Five requests, each with three operations: all seen once, in processes that serve."""
        collector, backend, port = Collector(), Server(), free_port()
        command = [argument.replace("PORT", str(port)) for argument in command]
        names = [f"q{number}x" for number in range(5)]
        with running(command, port, collector, cwd=self.folder, BACKEND=str(backend.port), APPS=APPS, **env):
            for name in names:
                client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                client.request("GET", f"/plain/{name}")
                self.assertEqual(client.getresponse().read(), name.encode())
                client.close()
            until("all requests have ended", lambda: len(collector.of("end")) >= len(names))
        starts = {(one.process, one.request): one.target for one in collector.of("start")}
        self.assertEqual(sorted(starts.values()), [f"/plain/{name}" for name in names])
        asked = [write for write in collector.of("write") if b"GET /q" in write.bytes]
        self.assertEqual(len(asked), 3 * len(names))
        for write in asked:
            target = starts[(write.process, write.contexts[0][1])]
            self.assertIn(target.rpartition("/")[2].encode(), write.bytes)
        errors = [one.payload for one in collector.of("stats", "goodbye")]
        self.assertEqual([one for one in errors if one.get("errors") or one.get("error")], [])
        collector.close()
        backend.close()

    def test_reloaders(self) -> None:
        for name, (module, command) in RELOADERS.items():
            if has(module):
                with self.subTest(name):
                    self.check(command)

    def test_beside_other_tracers(self) -> None:
        quiet = {
            "DD_TRACE_ENABLED": "false",
            "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
            "OTEL_LOGS_EXPORTER": "none",
        }
        for name, (module, command) in OTHERS.items():
            if has(module):
                with self.subTest(name):
                    self.check(command, **quiet)


if __name__ == "__main__":
    unittest.main()
