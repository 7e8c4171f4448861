# The agent's beginning, called by boot/sitecustomize.py before the application. In: the environment (WIRETIME_SOCKET,
# WIRETIME_BUFFER, WIRETIME_SERVICE, WIRETIME_DISABLED). Out: patches that wait for their modules, or nothing at all. Never raises.

from __future__ import annotations

import sys

from . import guard, imports, launcher
from .patches import PATCHES
from .process_role import reason_to_stay_out

_has_started = False


def start() -> None:
    global _has_started
    try:
        if _has_started or reason_to_stay_out() or sys.version_info < (3, 9):
            return
        _has_started = True
        launcher.install()
        imports.install(PATCHES)
    except Exception as error:
        guard.fail(error)
