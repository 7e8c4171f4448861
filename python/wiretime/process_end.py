# Ends and beginnings of a process that Python does not announce. In: `os._exit`, `os.exec…`, `os.fork`.
# Out: what was noted is sent before; a forked child starts anew.

from __future__ import annotations

import os

from . import connection_state, guard, recorder
from .hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_is_installed = False
# The process that this was last known to be.
_pid = os.getpid()


def install() -> None:
    """Later calls do nothing."""
    global _is_installed
    if _is_installed:
        return
    _is_installed = True
    wrap(os, "_exit", _exit)
    wrap(os, "execv", _exec)
    wrap(os, "execve", _exec)
    os.register_at_fork(after_in_child=_forked)


def _exit(original: Any) -> Any:
    def _exit(*args: Any, **named: Any) -> Any:
        _guarded(recorder.finish)
        return original(*args, **named)

    return _exit


def _exec(original: Any) -> Any:
    """Not a farewell: there may be no such program."""

    def execute(*args: Any, **named: Any) -> Any:
        _guarded(recorder.flush)
        return original(*args, **named)

    return execute


def _forked() -> None:
    global _pid
    _pid = os.getpid()
    _guarded(connection_state.after_fork_in_child)


def follow_fork() -> None:
    """Some servers fork in C and tell Python nothing (uwsgi). Called where their requests begin: 60 ns."""
    if os.getpid() == _pid or recorder.sink is None:
        return
    _guarded(recorder.sink.after_fork_in_child)
    _forked()


def _guarded(function: Any) -> None:
    try:
        function()
    except Exception as error:
        guard.fail(error)
