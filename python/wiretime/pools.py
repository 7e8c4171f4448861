# The wait for a connection of a pool. In: the moment that the application asks a pool, and gets a connection. Out: `call` and
# `grant` records; the first operation on that connection has the call. Not here: which functions are pools' (patches/).

from __future__ import annotations

from . import granted, guard, recorder
from .call_site import sampling_of, site_within_budget
from .calls import next_call
from .clock import moment
from .connection_state import ConnectionState, state_of
from .context import Context, variable
from .hook import wrap
from .record import pack_four, pack_two

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .call_site import Sampling
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

_get = variable.get
_set = variable.set


def patch_wait(owner: Any, name: str, library: str, is_async: bool = False, connection: Any = None) -> None:
    """`owner.name` answers when a connection is free. `connection`: the agent's number of it, by the pool and what it answers."""
    number: Callable[[Any, Any], int] = connection or _answered
    sampling = sampling_of(library + " pool")
    wrap(owner, name, _waiting_async(sampling, number) if is_async else _waiting(sampling, number))


def _answered(_pool: Any, answer: Any) -> int:
    return connection_of(answer)


def _waiting(sampling: Sampling, number: Callable[[Any, Any], int]) -> Any:
    def make(original: Any) -> Any:
        def wait(self: Any, *args: Any, **named: Any) -> Any:
            begun = _begin(sampling)
            if begun is None:
                return original(self, *args, **named)
            try:
                answer = original(self, *args, **named)
            except BaseException:
                _set(begun[1])
                raise
            _end(begun, number, self, answer)
            return answer

        return wait

    return make


def _waiting_async(sampling: Sampling, number: Callable[[Any, Any], int]) -> Any:
    def make(original: Any) -> Any:
        async def wait(self: Any, *args: Any, **named: Any) -> Any:
            begun = _begin(sampling)
            if begun is None:
                return await original(self, *args, **named)
            try:
                answer = await original(self, *args, **named)
            except BaseException:
                _set(begun[1])
                raise
            _end(begun, number, self, answer)
            return answer

        return wait

    return make


def _begin(sampling: Sampling) -> Begun | None:
    """None: this is part of a call that is under way. What is opened meanwhile is for this call."""
    if not guard.active:
        return None
    try:
        before: Any = _get()
        if before.call:
            return None
        context = before if before.__class__ is not ConnectionState else before.current_context()
        request = context.request
        # `note_call`, written out: 15 functions fewer to call in a pool's wait (decision 29).
        time, idle, thread = moment()
        call = next_call()
        site = 0 if time < sampling.next_at else site_within_budget(sampling, time)
        recorder.put(pack_four(40, 9, thread, time, idle, call, request, site, 0))
        _set(Context(request, call, context.exchange))
        return (call, before)
    except Exception as error:
        guard.fail(error)
        return None


def _end(begun: Begun, number: Callable[[Any, Any], int], pool: Any, answer: Any) -> None:
    try:
        call, before = begun
        _set(before)
        if guard.active:
            time, idle, thread = moment()
            recorder.put(pack_two(32, 10, thread, time, idle, call, 0))
        granted.give(number(pool, answer), call)
    except Exception as error:
        guard.fail(error)


def connection_of(thing: Any, depth: int = 0) -> int:
    """The agent's number of the connection that this object of a library stands for; 0 when it cannot be known."""
    if thing is None or depth > _DEPTH:
        return 0
    # Drivers without sockets say it themselves.
    number = _held(_held(thing, "_wiretime_peer"), "connection")
    if isinstance(number, int):
        return number
    state = state_of(thing)
    if state is not None and state.id:
        return (state.layer or state).id
    for name in _CARRIERS:
        carrier = _held(thing, name)
        number = 0 if carrier is None else _of_carrier(carrier)
        if number:
            return number
    for name in _INNER:
        inner = _held(thing, name)
        number = 0 if inner is None else connection_of(inner, depth + 1)
        if number:
            return number
    return 0


def _held(thing: Any, name: str) -> Any:
    """What the thing has itself. `__getattr__` is not asked: a mock makes up an answer for every name, and keeps it."""
    try:
        return object.__getattribute__(thing, name)
    except AttributeError:
        return None


def _of_carrier(carrier: Any) -> int:
    """A transport, a stream or a socket."""
    ask = _held(carrier, "get_extra_info")
    candidates = [carrier]
    if ask is not None:
        sock = ask("socket")
        candidates += [ask("ssl_object"), sock, _held(sock, "_sock")]
    for candidate in candidates:
        state = state_of(candidate) if candidate is not None else None
        if state is not None and state.id:
            return (state.layer or state).id
    return 0
