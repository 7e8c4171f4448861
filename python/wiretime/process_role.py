# Is this a process of the application? In: how it was started. Out: a reason to stay out, or nothing. The environment reaches
# package managers and Python's own helpers as well; the children they start are looked at on their own.

from __future__ import annotations

import os
import sys

# Programs that only start others, or are no backend.
TOOLS = frozenset(
    [
        "pip",
        "pip3",
        "pipx",
        "pipenv",
        "poetry",
        "uv",
        "uvx",
        "pdm",
        "hatch",
        "conda",
        "virtualenv",
        "pre-commit",
        "tox",
        "nox",
        "build",
        "twine",
        "pytype",
        "mypy",
        "pyright",
        "ruff",
        "black",
        "isort",
        "flake8",
        "pylint",
        "jupyter-kernelspec",
    ]
)
MODULES = frozenset(
    [
        "pip",
        "venv",
        "ensurepip",
        "virtualenv",
        "compileall",
        "py_compile",
        "build",
        "zipapp",
        "lib2to3",
        "tox",
        "nox",
    ]
)
# What multiprocessing starts to clean up after others, and its probe of a child's start.
HELPERS = ("from multiprocessing.resource_tracker import", "from multiprocessing.semaphore_tracker import")


def reason_to_stay_out() -> str:
    """'' when the agent should work here."""
    if os.environ.get("WIRETIME_DISABLED") == "1":
        return "disabled"
    if not os.environ.get("WIRETIME_SOCKET"):
        return "no collector"
    return "a tool" if _is_tool(_command_line()) else ""


def _command_line() -> list[str]:
    """At this moment of the start `sys.argv` is not complete."""
    if hasattr(sys, "orig_argv"):
        return sys.orig_argv
    try:
        with open("/proc/self/cmdline", "rb") as file:
            return [os.fsdecode(argument) for argument in file.read().split(b"\0")]
    except OSError:
        return list(getattr(sys, "argv", []))


def _is_tool(command: list[str]) -> bool:
    for index, argument in enumerate(command[1:], 1):
        following = command[index + 1] if index + 1 < len(command) else ""
        if argument == "-m":
            return following.partition(".")[0] in MODULES
        if argument == "-c":
            return following.startswith(HELPERS)
        if argument.startswith("-m"):
            return argument[2:].partition(".")[0] in MODULES
        if not argument.startswith("-"):
            return os.path.basename(argument) in TOOLS
    return False
