# Calls of the application into a library that may queue. In: the moment of the call. Out: `call` records, and numbers that tie the later
# bytes to the call. Not here: which functions are such calls (patches/), waits for pools (pools.py).

from __future__ import annotations

from itertools import count

from . import record, recorder
from .call_site import call_site_of, site_within_budget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .call_site import Sampling
    from .clock import Moment

_counter = count(1)
next_call = _counter.__next__


def calls_so_far() -> int:
    """Of this process, and of those that it was forked from. The counter says its next number: nothing has to be counted beside it."""
    return int(repr(_counter)[len("count(") : -1]) - 1


def note_call(request: int, what: str, now: Moment) -> int:
    """The application calls a library. `what`: call sites are sampled for each. Answers the number of the call."""
    time, idle, thread = now
    number = next_call()
    recorder.put(record.call(time, idle, thread, number, request, call_site_of(what, time)))
    return number


def sampled_call(request: int, sampling: Sampling, now: Moment) -> int:
    """For writes of drivers without a patch: a new call when this write is sampled and has a place in the application; else 0."""
    time, idle, thread = now
    # What a worker asks while it waits for work has no place; that is no reason to look less often at what its tasks ask.
    call_site = site_within_budget(sampling if request else sampling.without_request(), time)
    if call_site == 0:
        return 0
    number = next_call()
    recorder.put(record.call(time, idle, thread, number, request, call_site))
    return number
