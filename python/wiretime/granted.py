# Calls that a pool has let through and that have not used their connection yet. In: grants. Out: for the first operation on that
# connection, its call: what it waited for the pool. Bounded: the oldest are forgotten.

from __future__ import annotations

from contextvars import ContextVar

# More than a process has connections handed out and not used at the same time.
LIMIT = 1000

# Call by connection, both the agent's numbers.
by_connection: dict[int, int] = {}
# For a connection that is not known yet: the next one that this code opens or writes to.
_next: ContextVar[int] = ContextVar("wiretime.granted", default=0)
# The calls that wait so: while there is none, operations pay one look. Those that are forgotten with their task stay.
waiting: set[int] = set()


def give(connection: int, call: int) -> None:
    """The pool has handed over this connection (0: not known) to the call."""
    if call == 0:
        return
    if connection == 0:
        waiting.discard(_next.get())
        if len(waiting) < LIMIT:
            waiting.add(call)
        _next.set(call)
        return
    while len(by_connection) >= LIMIT:
        by_connection.pop(next(iter(by_connection)), None)
    by_connection[connection] = call


def take(connection: int) -> int:
    """The call that got this connection and has not used it yet; 0 when there is none."""
    if by_connection:
        call = by_connection.pop(connection, 0)
        if call:
            return call
    if waiting:
        call = _next.get()
        if call:
            _next.set(0)
            waiting.discard(call)
            return call
    return 0


def opened(connection: int) -> int:
    """This code opens a connection: it is the one that the pool let it have."""
    if not waiting:
        return 0
    call = _next.get()
    if call:
        _next.set(0)
        waiting.discard(call)
        by_connection[connection] = call
    return call
