# Programs under the agent, with a collector that only remembers. In: Python code. Out: how it ended, what was recorded.

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from collector import DEADLINE_S, PYTHON, Collector, until


def run(
    code: str, *args: object, collector: Collector, check: bool = True, **env: str
) -> subprocess.CompletedProcess[str]:
    """Runs code to its end. All its records have arrived when this returns."""
    command = [PYTHON, "-W", "error", "-c", textwrap.dedent(code), *map(str, args)]
    done = subprocess.run(
        command,
        env=collector.environment(**env),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    if check and done.returncode != 0:
        raise AssertionError(f"ended with {done.returncode}: {done.stderr}")
    until("all records have arrived", lambda: collector.is_idle)
    return done


@contextmanager
def running(
    command: list[str], port: int, collector: Collector, cwd: str | None = None, **env: str
) -> Iterator[Any]:
    """A server; it is ready when somebody accepts on the port, and gets Ctrl-C at the end."""
    process = subprocess.Popen(
        command,
        env=collector.environment(**env),
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        until(f"{command} is ready", lambda: process.poll() is not None or accepts(port))
        if process.poll() is not None:
            raise AssertionError(f"{command}: {process.communicate()[0].decode()}")
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            printed, _ = process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            printed, _ = process.communicate()
    # Ctrl-C may find it at work.
    if "Traceback" in printed.decode() and "KeyboardInterrupt" not in printed.decode():
        raise AssertionError(printed.decode())
    until("all records have arrived", lambda: collector.is_idle)


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.5).close()
        return True
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def has(module: str) -> bool:
    """Whether the traced Python can import it."""
    return (
        subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0
    )


__all__ = ["PYTHON", "Collector", "accepts", "free_port", "has", "run", "running", "sys", "until"]
