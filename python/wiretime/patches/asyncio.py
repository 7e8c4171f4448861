# asyncio's own loop: how long it waits in `select`, and which request a new task belongs to. In: `BaseEventLoop`.
# Out: the thread's idle time, contexts of tasks. Its bytes are seen at its sockets (socket.py) and TLS objects (ssl.py).

from __future__ import annotations

from time import monotonic_ns

from .. import guard
from ..clock import ThreadClock, thread_clock
from ..connection_state import ConnectionState
from ..context import variable
from ..coverage import note_hooked
from ..hook import is_ours, wrap
from ..looks import unwatch, watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

# A `select` that finds something at once takes 1-3 µs: the loop was not idle.
SHORTEST_WAIT_NS = 5_000


def install(module: ModuleType) -> None:
    wrap(module.BaseEventLoop, "run_forever", _run_forever)
    wrap(module.BaseEventLoop, "create_task", create_task)
    note_hooked("asyncio")


def _run_forever(original: Any) -> Any:
    def run_forever(self: Any, *args: Any, **named: Any) -> Any:
        selector: Any = getattr(self, "_selector", None)
        # A selector of a test may be no class's, and its `select` what the test looks at.
        if not guard.active or not hasattr(type(selector), "select"):  # pyright: ignore[reportUnknownArgumentType]
            return original(self, *args, **named)
        clock = _enter(selector)
        if clock is None:
            return original(self, *args, **named)
        try:
            return original(self, *args, **named)
        finally:
            clock.leave_loop()
            unwatch(clock)

    return run_forever


def _enter(selector: Any) -> ThreadClock | None:
    try:
        clock = thread_clock()
        clock.enter_loop()
        _watch(selector, clock)
        watch(clock)
        return clock
    except Exception as error:
        guard.fail(error)
        return None


def _watch(selector: Any, clock: ThreadClock) -> None:
    """Wraps `select` of this one selector while its loop runs in this thread."""
    original = selector.select
    if is_ours(original):
        original = original.__wrapped__

    def select(timeout: float | None = None) -> Any:
        # The loop has work to do: it does not wait.
        if timeout == 0:
            clock.turn = monotonic_ns()
            return original(timeout)
        start = monotonic_ns()
        clock.turn = -start
        events = original(timeout)
        clock.turn = end = monotonic_ns()
        if end - start > SHORTEST_WAIT_NS:
            clock.idle += end - start
        return events

    select.__wrapped__ = original  # type: ignore[attr-defined]
    select._is_wiretime = True  # type: ignore[attr-defined]
    selector.select = select


def create_task(original: Any) -> Any:
    """A task started on behalf of an accepted connection belongs to the request that runs there now, not to later ones."""

    def create_task(self: Any, *args: Any, **named: Any) -> Any:
        value = variable.get()
        if not isinstance(value, ConnectionState) or not guard.active:
            return original(self, *args, **named)
        exchange = (value.layer or value).exchange
        if exchange is None:
            return original(self, *args, **named)
        token = variable.set(exchange)
        try:
            return original(self, *args, **named)
        finally:
            variable.reset(token)

    return create_task
