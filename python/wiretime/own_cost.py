# What the agent costs the process, as far as it can know, and how far it holds back to keep within WIRETIME_BUDGET. In: its counters, the CPU
# time of the sender's thread. Out: ns of CPU, a total; call sites on or off. Sending is measured, the rest is counted: two looks at a clock
# would cost as much as the note between them. As src/agent/cost of Node, but for its last steps: requests are never left out here.

from __future__ import annotations

import os
import sys

from .coverage import note_not_visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# From bench/overhead-python (3.11, 2026-11): docs/overhead.md has what was measured and what this tells. Other machines differ.
REQUEST_NS = 18_000
RECORD_NS = 3_000
# Beside its record: an operation of a driver in C, a call whose stack was looked at.
CALL_NS = 3_500
# Of an HTTP client, beside its records.
HTTP_CALL_NS = 90_000

# Less than this is no load: 5 % of 3 % of a core is nothing that anybody would miss.
LEAST_CPU_SHARE = 0.03
# Too much for so many seconds: a burst is served in full.
SECONDS_UP = 3
# Low enough for so many.
SECONDS_DOWN = 10
HEADROOM = 2.2
NO_CALL_SITES = 1

# Call sites are looked for.
wants_call_sites = True


def budget_of(asked: str) -> float:
    """WIRETIME_BUDGET, per cent of the CPU, as a share; 1: nobody asked."""
    try:
        percent = float(asked)
    except ValueError:
        return 1.0
    return percent / 100 if percent > 0 else 1.0


class OwnCost:
    """One per process; a forked child makes it new."""

    def __init__(self) -> None:
        self._budget = budget_of(os.environ.get("WIRETIME_BUDGET", ""))
        self.step = 0
        self.reset()

    def reset(self) -> None:
        self._before = _counted_ns()
        self._own_ns = 0
        self._cpu_ns = 0
        self._observed_at = 0
        self._above = 0
        self._below = 0
        self._move(0)

    def total_ns(self, records: int, sending_ns: int) -> int:
        return sending_ns + records * RECORD_NS + _counted_ns() - self._before

    def observe(self, own_ns: int, cpu_ns: int, time: int) -> None:
        """About once a second. All in ns: totals of the agent and of the process, and when that was."""
        spent, used, wall = own_ns - self._own_ns, cpu_ns - self._cpu_ns, time - self._observed_at
        is_first = self._observed_at == 0
        self._own_ns, self._cpu_ns, self._observed_at = own_ns, cpu_ns, time
        if is_first or self._budget >= 1:
            return
        share = spent / used if used >= wall * LEAST_CPU_SHARE else 0.0
        self._above = self._above + 1 if share > self._budget else 0
        self._below = self._below + 1 if share * HEADROOM < self._budget else 0
        if self._above >= SECONDS_UP and self.step < NO_CALL_SITES:
            self._move(NO_CALL_SITES)
            note_not_visible("call sites under load")
        elif self._below >= SECONDS_DOWN and self.step > 0:
            self._move(0)

    def _move(self, step: int) -> None:
        global wants_call_sites
        self.step = step
        self._above = self._below = 0
        wants_call_sites = step < NO_CALL_SITES


def _counted_ns() -> int:
    """Of all requests and calls that were noted."""
    requests, calls = _numbers("exchange", "requests_so_far"), _numbers("calls", "calls_so_far")
    asked = getattr(sys.modules.get("wiretime.propagation"), "asked", 0)
    return requests * REQUEST_NS + calls * CALL_NS + asked * HTTP_CALL_NS


def _numbers(module: str, name: str) -> int:
    """Modules are loaded where they have something to count; another thread may be loading one at this moment."""
    so_far: Any = getattr(sys.modules.get(f"wiretime.{module}"), name, None)
    return 0 if so_far is None else so_far()
