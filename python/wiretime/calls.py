# Calls of the application into a library that may queue. In: the moment of the call, and of the pool's grant. Out: `call` and
# `grant` records, and the context that ties the later bytes to the call. Not here: which functions are such calls (patches/).

from __future__ import annotations

from itertools import count

from . import guard, record, recorder
from .call_site import call_site_of
from .clock import moment
from .context import Context, current_context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .clock import Moment

next_call = count(1).__next__


def new_call(library: str, statement: str = "") -> Context:
    """
    The application calls a library now. Answers the context for the operation: this request, this call.
    `statement` lets call sites be sampled per statement instead of per library.
    """
    context = current_context()
    if not guard.active:
        return context
    return Context(
        context.request, note_call(context.request, statement or library, moment()), context.exchange
    )


def note_call(request: int, what: str, now: Moment) -> int:
    """The same, for this request and at this moment. `what`: call sites are sampled for each. Answers the number of the call."""
    time, idle, thread = now
    number = next_call()
    recorder.put(record.call(time, idle, thread, number, request, call_site_of(what, time)))
    return number


def grant(context: Context) -> None:
    """The pool hands a connection over to the call, now."""
    if context.call == 0 or not guard.active:
        return
    time, idle, thread = moment()
    recorder.put(record.grant(time, idle, thread, context.call))


def sampled_call(request: int, target: str, now: Moment) -> int:
    """For writes of drivers without a patch: a new call when this write is sampled and has a place in the application; else 0."""
    time, idle, thread = now
    call_site = call_site_of(target, time)
    if call_site == 0:
        return 0
    number = next_call()
    recorder.put(record.call(time, idle, thread, number, request, call_site))
    return number
