# Programs that put a sitecustomize of their own before ours and then become the program they start: Python would run theirs and
# never see ours. In: the moment before. Out: PYTHONPATH with ours first again, which runs theirs afterwards.

from __future__ import annotations

import os
import sys

from . import guard
from .hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LAUNCHERS = ("opentelemetry-instrument",)
_BOOT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "boot")


def install() -> None:
    """Nothing, in nearly all programs."""
    command = getattr(sys, "orig_argv", None) or [""]
    if any(os.path.basename(argument) in LAUNCHERS for argument in command[:3]):
        wrap(os, "execv", _execv)


def _execv(original: Any) -> Any:
    def execv(*args: Any, **named: Any) -> Any:
        try:
            put_first()
        except Exception as error:
            guard.fail(error)
        return original(*args, **named)

    return execv


def put_first() -> None:
    """Only where our folder is in PYTHONPATH: somebody who took it out wanted that."""
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if _BOOT in entries[1:]:
        os.environ["PYTHONPATH"] = os.pathsep.join([_BOOT, *(entry for entry in entries if entry != _BOOT)])
