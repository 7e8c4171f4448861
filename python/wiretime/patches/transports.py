# What asyncio's transports could not send at once: it goes out later, in a callback that runs in the context of whoever filled the
# buffer first. In: `_SelectorSocketTransport`, which has the buffer. Out: whose bytes wait in it, in order (noting.py asks).

from __future__ import annotations

from .. import guard, record
from ..connection_state import CLIENT, find
from ..context import current_context
from ..hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def install(module: ModuleType) -> None:
    transport = getattr(module, "_SelectorSocketTransport", None)
    if transport is None or not hasattr(transport, "write"):
        return
    wrap(transport, "write", _write)
    # Before 3.12 it joins and calls `write`.
    if "writelines" in transport.__dict__:
        wrap(transport, "writelines", _writelines)


def _write(original: Any) -> Any:
    def write(self: Any, data: Any) -> None:
        # Nearly always empty, before and after: then the bytes were sent and noted meanwhile.
        if self._buffer:
            _note_queued(self, (data,))
            return original(self, data)
        result = original(self, data)
        if self._buffer:
            _note_rest(self)
        return result

    return write


def _writelines(original: Any) -> Any:
    """Appends to the buffer and sends what it can of all of it."""

    def writelines(self: Any, parts: Any) -> None:
        parts = list(parts)
        if self._buffer:
            _note_queued(self, parts)
            return original(self, parts)
        result = original(self, parts)
        if self._buffer:
            _note_rest(self)
        return result

    return writelines


def _note_queued(transport: Any, parts: Any) -> None:
    """These go behind what waits already."""
    if not guard.active:
        return
    try:
        state = find(id(transport._sock))
        if state is None or state.role != CLIENT:
            return
        if not state.queued:
            # From before the agent was in.
            state.queued.append((_size_of(transport._buffer), record.HIDDEN_REQUEST, 0))
        context = current_context()
        size = sum(memoryview(part).nbytes for part in parts)
        if size > 0:
            state.queued.append((size, context.request, context.call))
    except TypeError:
        pass  # the application's mistake: the transport says so
    except Exception as error:
        guard.fail(error)


def _note_rest(transport: Any) -> None:
    """The first that did not go out at once."""
    if not guard.active:
        return
    try:
        state = find(id(transport._sock))
        if state is not None and state.role == CLIENT:
            context = current_context()
            state.queued.append((_size_of(transport._buffer), context.request, context.call))
    except Exception as error:
        guard.fail(error)


def _size_of(buffer: Any) -> int:
    """A bytearray, or since 3.12 a deque of chunks."""
    return len(buffer) if isinstance(buffer, bytearray) else sum(map(len, buffer))
