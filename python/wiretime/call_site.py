# Where in the application's code a call comes from. In: the stack of the moment, sampled within a budget. Out: ids, and one
# `callSite` record for each id. Not here: whose a frame is (frames.py).

from __future__ import annotations

import sys
from itertools import count

from . import own_cost, record, recorder
from .frames import text_of, user_frames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .frames import Position

    Frames = tuple[Position, ...]

# A capture takes 1.4 µs in a loop, but 15 to 40 µs in a server at work, where its code is cold and its frames become objects: 1000 a
# second were 2 to 4 % of a core, 200 are less than 1 % (decision 29).
CAPTURES_PER_SECOND = 200
NS_PER_CAPTURE = 1_000_000_000 // CAPTURES_PER_SECOND
# Half of the budget is kept for peers that were seen less often than this.
FIRST_CAPTURES = 8
# So often in a row it was the same line: each next look is twice as far away as the last one was, to that distance.
SAME_CAPTURES = 8
NS_AFTER_SAME = 10_000_000
NS_BETWEEN_SAME = 200_000_000
# So often nothing of the application was on the stack: from then on it is looked for once a second.
MISSES_LIMIT = 16
NS_BETWEEN_MISSES = 1_000_000_000
# Peers and call sites beyond these are not told apart: memory is bounded.
STATEMENT_LIMIT = 2000
CALL_SITE_LIMIT = 10_000

_getframe = sys._getframe  # pyright: ignore[reportPrivateUsage]


class Sampling:
    """How often the stack was captured for one peer (or statement), and when it may be next."""

    __slots__ = ("_without_request", "captures", "hits", "last", "next_at", "same")

    def __init__(self) -> None:
        self.captures = 0
        self.hits = 0
        # The last call site, and how often in a row it was that.
        self.last = 0
        self.same = 0
        # ns.
        self.next_at = 0
        self._without_request: Sampling | None = None

    def without_request(self) -> Sampling:
        """Of the same peer, for what belongs to no request."""
        if self._without_request is None:
            self._without_request = Sampling()
        return self._without_request


_samplings: dict[str, Sampling] = {}
# Of all that are too many.
_never = Sampling()
_never.next_at = 1 << 63
_never._without_request = _never  # pyright: ignore[reportPrivateUsage]
_call_sites: dict[Frames, int] = {}
_next_number = count(1).__next__
# By number: in which epoch a collector was told what it is (recorder.py).
_told: dict[int, int] = {}
_budget: float = CAPTURES_PER_SECOND
_refilled_at = 0


def sampling_of(statement: str) -> Sampling:
    """The same for the same statement (or peer). Kept by those who ask again and again."""
    sampling = _samplings.get(statement)
    if sampling is None:
        if len(_samplings) >= STATEMENT_LIMIT:
            return _never
        sampling = _samplings[statement] = Sampling()
    return sampling


def call_site_of(statement: str, time: int) -> int:
    """The call site of the running code, or 0: not sampled, or no code of the application on the stack. `time` in ns."""
    return site_within_budget(sampling_of(statement), time)


def site_within_budget(sampling: Sampling, time: int) -> int:
    """The same."""
    if time < sampling.next_at:
        return 0
    if not own_cost.wants_call_sites:
        sampling.next_at = time + NS_BETWEEN_MISSES
        return 0
    if not _take_budget(sampling, time):
        sampling.next_at = time + NS_PER_CAPTURE
        return 0
    sampling.captures += 1
    frames = user_frames(_getframe(1))
    if not frames:
        if sampling.hits == 0 and sampling.captures >= MISSES_LIMIT:
            sampling.next_at = time + NS_BETWEEN_MISSES
        return 0
    sampling.hits += 1
    number = _call_sites.get(frames) or _new_call_site(frames)
    if number != sampling.last:
        sampling.last = number
        sampling.same = 0
    sampling.same += 1
    if sampling.same > SAME_CAPTURES:
        doubled = NS_AFTER_SAME << min(sampling.same - SAME_CAPTURES - 1, 8)
        sampling.next_at = time + min(doubled, NS_BETWEEN_SAME)
    if number and _told.get(number) != recorder.epoch:
        _tell(number, frames, time)
    return number


def _take_budget(sampling: Sampling, time: int) -> bool:
    global _budget, _refilled_at
    budget = min(CAPTURES_PER_SECOND, _budget + (time - _refilled_at) / NS_PER_CAPTURE)
    _refilled_at = time
    reserve = 0 if sampling.captures < FIRST_CAPTURES else CAPTURES_PER_SECOND / 2
    has_budget = budget >= reserve + 1
    _budget = budget - 1 if has_budget else budget
    return has_budget


def _new_call_site(frames: Frames) -> int:
    """0: there are too many."""
    if len(_call_sites) >= CALL_SITE_LIMIT:
        return 0
    return _call_sites.setdefault(frames, _next_number())


def _tell(number: int, frames: Frames, time: int) -> None:
    _told[number] = recorder.epoch
    recorder.put(record.call_site(time, -1, 0, number, "\n".join(map(text_of, frames))))
