# When, and how idle this thread was until then. In: the clocks of the system, what event loops tell. Out: (time, idle, thread).
# Idle is what splits the gaps of a request: a thread with an asyncio loop is idle while it waits in `select`; any other thread
# is idle while it does not run (wall time less its own CPU time: waiting for a peer, a lock, the GIL or a core).

from __future__ import annotations

import _thread
from time import monotonic_ns, thread_time_ns

from .record import THREAD_LIMIT, THREAD_SHIFT

TYPE_CHECKING = False
if TYPE_CHECKING:
    Moment = tuple[int, int, int]

# The CPU time of a thread is a system call: 420 ns on a quiet machine, 2 µs and more on some virtual ones. Between moments that are
# closer than the shortest gap the thread is taken to have run; the next reading puts right what that got wrong. A longer gap would
# be cheaper, and would take the waits for a database nearby for work.
SHORTEST_GAPS_NS = (20_000, 50_000)
GAP_PER_COST = 20


def _shortest_gap() -> int:
    costs: list[int] = []
    for _ in range(5):
        start = monotonic_ns()
        thread_time_ns()
        costs.append(monotonic_ns() - start)
    shortest, longest = SHORTEST_GAPS_NS
    return max(shortest, min(longest, min(costs) * GAP_PER_COST))


SHORTEST_GAP_NS = _shortest_gap()


class _Numbers:
    """Small numbers for threads, given again after a thread's end. Idle time of a number only ever grows."""

    def __init__(self) -> None:
        self._free = list(range(THREAD_LIMIT - 1, 0, -1))
        # For how long earlier owners of a number were not idle, ns.
        self._busy: dict[int, int] = {}

    def take(self) -> int:
        """0 when there is none left."""
        try:
            return self._free.pop()
        except IndexError:
            return 0

    def busy_before(self, number: int) -> int:
        return self._busy.get(number, 0)

    def give_back(self, number: int, busy: int) -> None:
        if number == 0:
            return
        self._busy[number] = busy
        self._free.append(number)


_numbers = _Numbers()


class ThreadClock:
    """The clock of one thread. idle = time − busy, where busy sums over all owners of the number."""

    __slots__ = ("busy_offset", "idle", "loops", "number", "thread_bits", "time", "turn")

    def __init__(self) -> None:
        self.number = _numbers.take()
        # In the upper bits of every record's flags.
        self.thread_bits = self.number << THREAD_SHIFT
        # asyncio loops that run in this thread now; more than one when nested.
        self.loops = 0
        # Since when the turn of such a loop lasts, ns; negative: since when it waits (looks.py).
        self.turn = 0
        # The last moment. While a loop runs, patches/asyncio.py keeps `idle`.
        self.time = monotonic_ns()
        self.busy_offset = _numbers.busy_before(self.number) - thread_time_ns()
        self.idle = self.time - _numbers.busy_before(self.number)

    def moment(self) -> Moment:
        """Now: time and idle in ns, and the bits that name this thread."""
        time = monotonic_ns()
        if self.loops == 0 and time - self.time > SHORTEST_GAP_NS:
            self.idle = time - thread_time_ns() - self.busy_offset
        self.time = time
        return (time, self.idle, self.thread_bits)

    def enter_loop(self) -> None:
        self.idle = monotonic_ns() - thread_time_ns() - self.busy_offset
        self.loops += 1

    def leave_loop(self) -> None:
        self.loops -= 1
        time = monotonic_ns()
        self.turn = -time
        self.busy_offset = time - thread_time_ns() - self.idle

    def __del__(self, numbers: _Numbers = _numbers) -> None:
        numbers.give_back(self.number, self.time - self.idle)


# Has the clock of the thread as `clock`; hooks that run all the time look there themselves.
local = _thread._local()  # pyright: ignore[reportPrivateUsage]
_local = local


def thread_clock() -> ThreadClock:
    """The clock of the thread that is running."""
    try:
        return _local.clock
    except AttributeError:
        clock = _local.clock = ThreadClock()
        return clock


def moment() -> Moment:
    """The same of the thread that is running. Never raises: wrappers call it before they are on their guard."""
    try:
        clock = _local.clock
    except AttributeError:
        return _first_moment()
    # `clock.moment()`, written out: 120 of 330 ns.
    time = monotonic_ns()
    if clock.loops == 0 and time - clock.time > SHORTEST_GAP_NS:
        clock.idle = time - thread_time_ns() - clock.busy_offset
    clock.time = time
    return (time, clock.idle, clock.thread_bits)


def time_only() -> Moment:
    """For what only needs the time: how idle the thread was is 0.4 µs and more."""
    return (monotonic_ns(), -1, 0)


def _first_moment() -> Moment:
    try:
        return thread_clock().moment()
    except Exception:
        return (monotonic_ns(), -1, 0)
