# What the agent says about the process and about itself. In: the process. Out: the texts of `hello`, `stats` and `goodbye`.
# Called by the sender's thread: reading files costs the application nothing.

from __future__ import annotations

import _socket
import os
import sys
import time

from . import coverage, guard
from .json_text import json_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .own_cost import OwnCost
    from .sink import Sink

VERSION = "0.1.0"
ARGUMENT_LIMIT = 20
ARGUMENT_CHARS = 200
# Programs that serve an application which is named by an argument, `package.module:object`.
SERVERS = (
    "gunicorn",
    "uvicorn",
    "hypercorn",
    "daphne",
    "waitress-serve",
    "uwsgi",
    "granian",
    "flask",
    "fastapi",
)
# Names that say nothing: the folder's is better.
PLAIN_NAMES = (
    "app",
    "main",
    "wsgi",
    "asgi",
    "application",
    "server",
    "manage",
    "run",
    "__main__",
    "-c",
    "-m",
    "",
)


def hello_text() -> str:
    return json_object(
        {
            "pid": os.getpid(),
            "ppid": os.getppid(),
            "thread": 0,
            "service": _service_name(),
            "runtime": "python",
            "version": sys.version.split()[0],
            "argv": [argument[:ARGUMENT_CHARS] for argument in _arguments()[:ARGUMENT_LIMIT]],
            "cwd": _folder(),
            "host": _socket.gethostname(),
            "wallClockMs": time.time_ns() // 1_000_000,
            "monotonicNs": time.monotonic_ns(),
            "hooked": coverage.hooked,
            "notVisible": coverage.not_visible,
            "agent": VERSION,
        }
    )


def stats_text(sink: Sink | None, cost: OwnCost) -> str:
    usage = os.times()
    own_ns = cost.total_ns(sink.records, sink.sending_ns) if sink else 0
    cost.observe(own_ns, round((usage.user + usage.system) * 1e9), time.monotonic_ns())
    return json_object(
        {
            "droppedRecords": sink.dropped_records if sink else 0,
            "droppedBytes": sink.dropped_bytes if sink else 0,
            "records": sink.records if sink else 0,
            "bytes": sink.bytes if sink else 0,
            "cpuUserUs": round(usage.user * 1e6),
            "cpuSystemUs": round(usage.system * 1e6),
            "rssBytes": _rss_bytes(),
            "ownCpuUs": own_ns // 1000,
            "step": cost.step,
            "errors": guard.own_errors,
            "hooked": coverage.hooked,
            "notVisible": coverage.not_visible,
        }
    )


def goodbye_text(reason: str, error: BaseException | None = None) -> str:
    if error is None:
        return f'{{"reason":"{reason}"}}'
    return json_object({"reason": reason, "error": f"{type(error).__name__}: {error}{_place_of(error)}"})


def _place_of(error: BaseException) -> str:
    trace = error.__traceback__
    if trace is None:
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f" ({os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno})"


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""


def _arguments() -> list[str]:
    arguments = [str(argument) for argument in getattr(sys, "argv", [])]
    return [sys.executable or "python", *arguments]


def _service_name() -> str:
    """WIRETIME_SERVICE, or the name in pyproject.toml, or the module that a server was told to serve, the script or its folder."""
    chosen = os.environ.get("WIRETIME_SERVICE")
    if chosen:
        return chosen
    arguments = getattr(sys, "argv", None) or [""]
    script = os.path.abspath(arguments[0]) if arguments[0] else ""
    name = os.path.splitext(os.path.basename(script))[0]
    parent = os.path.basename(os.path.dirname(script))
    if name in SERVERS or (name == "__main__" and parent in SERVERS):
        name = _served_module(arguments[1:])
        script = ""
    folder = os.path.dirname(script) if script else _folder()
    return (
        _project_name(folder) or (name if name not in PLAIN_NAMES else os.path.basename(folder)) or "python"
    )


def _served_module(arguments: list[str]) -> str:
    for argument in arguments:
        module, colon, attribute = argument.partition(":")
        if colon and module.replace(".", "").replace("_", "").isalnum() and attribute[:1].isalpha():
            return module.rpartition(".")[2]
    return ""


def _project_name(folder: str) -> str:
    """`name` in the [project] or [tool.poetry] table of the nearest pyproject.toml."""
    for _ in range(8):
        try:
            with open(os.path.join(folder, "pyproject.toml"), encoding="utf-8") as file:
                return _name_in(file.read(64 * 1024))
        except (OSError, UnicodeDecodeError):
            pass
        above = os.path.dirname(folder)
        if above == folder:
            break
        folder = above
    return ""


def _name_in(toml: str) -> str:
    table = ""
    for line in toml.splitlines():
        line = line.strip()
        if line.startswith("["):
            table = line
        key, equals, value = line.partition("=")
        if equals and key.strip() == "name" and table in ("[project]", "[tool.poetry]"):
            return value.split("#")[0].strip().strip("\"'")
    return ""


def _rss_bytes() -> int:
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0
