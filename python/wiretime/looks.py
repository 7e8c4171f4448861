# Which line blocks an event loop. In: threads whose loops run; since when a turn of each lasts (clock.py). Out: `codePlace` and `codeLooks`.
# The sender's thread asks at each of its rounds, and looks at a thread's stack only while a turn has lasted for longer than BLOCKED_NS: where
# nothing blocks nothing is looked at. Of a frame only its file, line and name are kept. Not here: whose request it was.
# Turns of uvloop are not seen: there a thread blocks that has noted nothing for as long, and did not wait in its loop at two looks, or at one
# that was late as long.

from __future__ import annotations

import _thread
import os
import sys
from itertools import count
from time import monotonic_ns

from . import guard, record, recorder, sink
from .frames import blocked_at, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from .clock import ThreadClock
    from .frames import Position

    # Positions of the application, and the function that the innermost had called.
    Place = tuple[tuple[Position, ...], str]

# As the finding about blocked loops has it.
BLOCKED_NS = 20_000_000
INTERVAL_NS = 10_000_000
# Where a turn does not block yet.
ROUND_NS = 50_000_000
# Of a turn's age: one that lasts for a minute is looked at 130 times.
INTERVAL_SHARE = 20
# A look is a switch of threads, 20 to 100 µs: at most half a per cent.
LOOKS_PER_SECOND = 50
NS_PER_LOOK = 1_000_000_000 // LOOKS_PER_SECOND
LOOK_LIMIT = 200
PLACE_LIMIT = 2000
# A round of the sender's thread earlier or later than this was meant so.
LATE_NS = 1_000_000

_current_frames: Any = sys._current_frames  # pyright: ignore[reportPrivateUsage]
_next_number = count(1).__next__
_places: dict[Place, int] = {}
# By number: in which epoch a collector was told what it is (recorder.py).
_told: dict[int, int] = {}
_watched: dict[int, _Watched] = {}
_left = float(LOOKS_PER_SECOND)
_refilled_at = 0


class _Watched:
    """A thread whose loop runs."""

    __slots__ = ("clock", "has_turns", "looks", "seen", "since", "waits_in")

    def __init__(self, clock: ThreadClock, waits_in: object) -> None:
        self.clock = clock
        # The code that runs while the loop waits; None: the loop says itself since when a turn lasts.
        self.waits_in = waits_in
        self.has_turns = waits_in is None
        # The turn that is looked at, by its beginning, and how often it was seen; 0: none.
        self.since = 0
        self.seen = 0
        # Time, place, and until when it stands, ns.
        self.looks: list[tuple[int, int, int]] = []

    def turn(self) -> int:
        """Since when, ns; negative or 0: it waits since then."""
        return self.clock.turn if self.has_turns else self.clock.time


def watch(clock: ThreadClock, waits_in: object = None) -> None:
    """A loop runs in this thread from now on. Never raises, nor does `unwatch`."""
    try:
        thread = _thread.get_ident()
        watched = _watched.get(thread)
        # The parent process may have had a thread of the same name.
        if os.environ.get("WIRETIME_PROFILE") != "0" and (watched is None or watched.clock is not clock):
            _watched[thread] = _Watched(clock, waits_in)
            sink.watch = look
    except Exception as error:
        guard.fail(error)


def unwatch(clock: ThreadClock) -> None:
    try:
        thread = _thread.get_ident()
        watched = _watched.get(thread)
        if watched is not None and watched.clock is clock and clock.loops == 0:
            del _watched[thread]
            _tell(watched, monotonic_ns())
    except Exception as error:
        guard.fail(error)


def look(wanted: int) -> int:
    """In the sender's thread, which wanted to run at `wanted`. Answers after how long it wants to be asked again; 0: no turn is under way. ns."""
    if not guard.active:
        return 0
    time = monotonic_ns()
    soonest = 0
    frames: dict[int, FrameType] = {}
    for thread, watched in list(_watched.items()):
        since = watched.turn()
        if since != watched.since:
            _tell(watched, abs(since) or time)
            watched.since = since
            watched.seen = 0
        if since <= 0:
            continue
        interval = ROUND_NS
        if time - since >= BLOCKED_NS and _take_budget(time):
            frames = frames or _current_frames()
            began = wanted if time - wanted > LATE_NS else time
            frame = frames.get(thread)
            if frame is None:
                _watched.pop(thread, None)  # of the parent process
                continue
            interval = _look_at(watched, frame, max(since, began), time)
        if interval > 0:
            soonest = min(soonest or interval, interval)
    # This function's own frame is among them.
    frames.clear()
    return soonest


def _look_at(watched: _Watched, frame: FrameType, time: int, now: int) -> int:
    """After how many ns to look again; 0: it does not block. `time`: from when on it looked so."""
    if frame.f_code is watched.waits_in:
        watched.seen = 0
        return 0
    watched.seen += 1
    interval = max(INTERVAL_NS, (now - watched.since) // INTERVAL_SHARE)
    # A function in C that kept the GIL made this look late.
    if watched.has_turns or watched.seen > 1 or now - time >= BLOCKED_NS:
        place = _place_of(frame)
        looks = watched.looks
        if looks and looks[-1][2] > time:
            looks[-1] = (*looks[-1][:2], time)
        if place:
            looks.append((time, place, now + interval))
        if len(looks) >= LOOK_LIMIT:
            _tell(watched, now + interval)
    return interval


def _place_of(frame: FrameType) -> int:
    """0: there are too many."""
    place = blocked_at(frame)
    number = _places.get(place)
    if number is None:
        if len(_places) >= PLACE_LIMIT:
            return 0
        number = _places[place] = _next_number()
    if _told.get(number) != recorder.epoch:
        _told[number] = recorder.epoch
        recorder.put(
            record.code_place(
                monotonic_ns(), number, "\n".join(text_of(position, 0) for position in place[0]), place[1]
            )
        )
    return number


def _tell(watched: _Watched, end: int) -> None:
    """The turn ended before `end`."""
    if not watched.looks:
        return
    looks, watched.looks = watched.looks, []
    bits = watched.clock.thread_bits | record.LOOKS_BLOCKED_ONLY
    told = [(time, place, max(0, min(until, end) - time) // 1000) for time, place, until in looks]
    recorder.put(record.code_looks(monotonic_ns(), bits, told))


def _take_budget(time: int) -> bool:
    global _left, _refilled_at
    _left = min(LOOKS_PER_SECOND, _left + (time - _refilled_at) / NS_PER_LOOK)
    _refilled_at = time
    if _left < 1:
        return False
    _left -= 1
    return True
