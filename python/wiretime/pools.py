# The wait for a connection of a pool. In: the moment that the application asks a pool, and gets a connection. Out: `call` and
# `grant` records; the first operation on that connection has the call. Not here: which functions are pools' (patches/).

from __future__ import annotations

from . import granted, guard
from .calls import grant, note_call
from .clock import moment
from .connection_state import ConnectionState, state_of
from .context import Context, current_context, set_context, variable
from .hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .context import Value

    # Number of the call, and what was running before.
    Begun = tuple[int, Value]

# Where connections of pools keep what they are made of.
_INNER = (
    "dbapi_connection",
    "driver_connection",
    "_connection",
    "_con",
    "connection",
)
_CARRIERS = ("_transport", "transport", "_writer", "_sock", "sock", "_reader")
_DEPTH = 4


def patch_wait(owner: Any, name: str, library: str, is_async: bool = False, connection: Any = None) -> None:
    """`owner.name` answers when a connection is free. `connection`: finds it; None: it is what is answered."""
    find: Callable[[Any, Any], Any] = connection or _answered
    wrap(
        owner,
        name,
        _waiting_async(library, find) if is_async else _waiting(library, find),
    )


def _answered(_pool: Any, answer: Any) -> Any:
    return answer


def _waiting(library: str, find: Callable[[Any, Any], Any]) -> Any:
    def make(original: Any) -> Any:
        def wait(self: Any, *args: Any, **named: Any) -> Any:
            begun = _begin(library)
            if begun is None:
                return original(self, *args, **named)
            try:
                answer = original(self, *args, **named)
            except BaseException:
                set_context(begun[1])
                raise
            _end(begun, find, self, answer)
            return answer

        return wait

    return make


def _waiting_async(library: str, find: Callable[[Any, Any], Any]) -> Any:
    def make(original: Any) -> Any:
        async def wait(self: Any, *args: Any, **named: Any) -> Any:
            begun = _begin(library)
            if begun is None:
                return await original(self, *args, **named)
            try:
                answer = await original(self, *args, **named)
            except BaseException:
                set_context(begun[1])
                raise
            _end(begun, find, self, answer)
            return answer

        return wait

    return make


def _begin(library: str) -> Begun | None:
    """None: this is part of a call that is under way. What is opened meanwhile is for this call."""
    if not guard.active:
        return None
    try:
        before = variable.get()
        if before.call:
            return None
        context = before if before.__class__ is not ConnectionState else current_context()
        call = note_call(context.request, library + " pool", moment())
        set_context(Context(context.request, call, context.exchange))
        return (call, before)
    except Exception as error:
        guard.fail(error)
        return None


def _end(begun: Begun, find: Any, pool: Any, answer: Any) -> None:
    try:
        call, before = begun
        set_context(before)
        grant(call)
        granted.give(connection_of(find(pool, answer)), call)
    except Exception as error:
        guard.fail(error)


def connection_of(thing: Any, depth: int = 0) -> int:
    """The agent's number of the connection that this object of a library stands for; 0 when it cannot be known."""
    if thing is None or depth > _DEPTH:
        return 0
    # Drivers without sockets say it themselves.
    number = getattr(getattr(thing, "_wiretime_peer", None), "connection", None)
    if isinstance(number, int):
        return number
    state = state_of(thing)
    if state is not None and state.id:
        return (state.layer or state).id
    for name in _CARRIERS:
        number = _of_carrier(getattr(thing, name, None))
        if number:
            return number
    for name in _INNER:
        number = connection_of(getattr(thing, name, None), depth + 1)
        if number:
            return number
    return 0


def _of_carrier(carrier: Any) -> int:
    """A transport, a stream or a socket."""
    if carrier is None:
        return 0
    ask = getattr(carrier, "get_extra_info", None)
    candidates = [carrier]
    if ask is not None:
        sock = ask("socket")
        candidates += [ask("ssl_object"), sock, getattr(sock, "_sock", None)]
    for candidate in candidates:
        state = state_of(candidate) if candidate is not None else None
        if state is not None and state.id:
            return (state.layer or state).id
    return 0
