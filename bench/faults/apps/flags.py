# Which faults an app has. In: FAULTS (names, by commas) and LEVELS (name=1 low, 2 medium, 3 high). Out: questions for the app's code.

import os
import time

_faults = set(os.environ.get("FAULTS", "").split(","))
_levels = dict(each.split("=") for each in os.environ.get("LEVELS", "").split(",") if each)


def has(name: str) -> bool:
    """Whether the app has this fault."""
    return name in _faults


def by(name: str, low, medium, high):
    """What grows with the strength of a fault; it is the same with the fault and without it."""
    return (low, medium, high)[int(_levels.get(name, 3)) - 1]


def is_unlucky(name: str, chance: float) -> bool:
    """Whether a request has the fault and bad luck."""
    return has(name) and chance < by(name, 0.08, 0.25, 0.6)


def compute(ms: float) -> None:
    """Own work of so many ms of this thread, without giving way."""
    until = time.thread_time() + ms / 1000
    while time.thread_time() < until:
        sum(range(300))  # fault busy-code
