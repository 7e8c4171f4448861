# Which request is running. In: request starts (exchange.py) and what patches of libraries know better.
# Out: the context that the next written bytes belong to. Not here: sockets, records.
# A ContextVar follows asyncio tasks and greenlets by itself; patches/threading.py and patches/asyncio.py do the rest.

from __future__ import annotations

from contextvars import ContextVar

from .record import HIDDEN_REQUEST, NO_REQUEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol, Union

    from .trace import Trace

    class Running(Protocol):
        """A request that is worked on, as far as those look at it who say its route, or tell others its trace (exchange.py, entry.py)."""

        route: str
        view: object
        is_ended: bool
        peer: Any
        trace: Trace | None
        trace_headers: tuple[str, str]

    class Connection(Protocol):
        """An accepted connection (connection_state.py)."""

        call: int
        is_exchange: bool
        exchange: Any

        @property
        def request(self) -> int: ...
        def current_context(self) -> Context: ...

    # What the variable holds: a request, or an accepted connection: the request that is being worked on there, whichever it is.
    Value = Union["Context", Connection]


class Context:
    """A request and, when a library queues, the call of the application that bytes belong to. Never changes."""

    __slots__ = ("call", "exchange", "request")

    # An Exchange is: to ask this is a third of asking for its `exchange`.
    is_exchange = False

    def __init__(self, request: int, call: int = 0, exchange: Running | None = None) -> None:
        self.request = request
        # 0: no call was seen.
        self.call = call
        # The request while it is answered: where frameworks say its route.
        self.exchange = exchange


# No request was running.
NO_CONTEXT = Context(NO_REQUEST)
# A request may have caused it, but nobody can know which.
HIDDEN_CONTEXT = Context(HIDDEN_REQUEST)

variable: ContextVar[Value] = ContextVar("wiretime", default=NO_CONTEXT)
_get = variable.get


def current_context() -> Context:
    """The context of the code that is running now."""
    value = _get()
    # Nearly always; `isinstance` of something else costs as much as the rest.
    return value if isinstance(value, Context) else value.current_context()


def set_context(value: Value) -> None:
    """What runs from now on in this thread or task, and what it starts, belongs to it."""
    variable.set(value)
