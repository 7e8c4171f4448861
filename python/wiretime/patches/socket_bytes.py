# Bytes of sockets, out and in. In: originals of the methods that send and receive. Out: wrappers that note what passed. Each calls
# the original once, with what it was given, and returns or raises what that did.

from __future__ import annotations

import _socket
from time import monotonic_ns

from .. import guard, record
from ..clock import moment, time_only
from ..connection_state import ACCEPTED, CLIENT, IGNORED, find
from .noting import note_read, note_written, size_of
from .socket_adopt import adopt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..clock import Moment

_PEEK = _socket.MSG_PEEK
_SIMPLE = (bytes, bytearray, memoryview)


# ---- bytes out ----


def make_send(original: Any) -> Any:
    def send(self: Any, *args: Any) -> Any:
        if not guard.active:
            return original(self, *args)
        now = _before(self)
        size = original(self, *args)
        try:
            state = find(id(self)) or adopt(self)
            if state.role != IGNORED and size > 0:
                note_written(state, args[0], size, now)
        except Exception as error:
            guard.fail(error)
        return size

    return send


def _before(sock: Any) -> Moment:
    """The moment for a write: what a server answers needs its time alone."""
    state = find(id(sock))
    return moment() if state is None or state.role == CLIENT else time_only()


def make_sendall(original: Any) -> Any:
    """Noted before: when it returns, another thread may have read the answer already. Of a server's answer it is what went out."""

    def sendall(self: Any, *args: Any) -> Any:
        if not guard.active:
            return original(self, *args)
        later: Any = None
        now: Any = None
        try:
            state = find(id(self)) or adopt(self)
            if state.role == CLIENT:
                data: Any = args[0] if args else None
                if data.__class__ is bytes:
                    note_written(state, data, len(data))
                elif data.__class__ in _SIMPLE:
                    note_written(state, data, size_of(data))
                else:
                    now = moment()
                    later = state
            elif state.exchange is not None and state.role == ACCEPTED:
                now = (monotonic_ns(), -1, 0)
                later = state
        except Exception as error:
            guard.fail(error)
        result = original(self, *args)
        if later is not None:
            try:
                data = args[0]
                if data.__class__ is bytes and later.role == ACCEPTED:
                    later.exchange.wrote(now[0], data, len(data))
                else:
                    note_written(later, data, size_of(data), now)
            except Exception as error:
                guard.fail(error)
        return result

    return sendall


def make_sendmsg(original: Any) -> Any:
    def sendmsg(self: Any, *args: Any) -> Any:
        if not guard.active:
            return original(self, *args)
        # It may be an iterator, which can be walked only once.
        buffers = args[0] if args and args[0].__class__ in (list, tuple) else None
        now = _before(self)
        if buffers is None and args and hasattr(args[0], "__iter__"):
            buffers = list(args[0])
            args = (buffers, *args[1:])
        size = original(self, *args)
        try:
            state = find(id(self)) or adopt(self)
            if state.role != IGNORED and size > 0 and buffers is not None:
                note_written(state, _joined(buffers, size), size, now)
        except Exception as error:
            guard.fail(error)
        return size

    return sendmsg


def _joined(buffers: Any, size: int) -> bytes:
    """The beginning of what was sent."""
    limit = min(size, record.WRITE_CAPTURE_BYTES)
    parts: list[bytes] = []
    for buffer in buffers:
        part = bytes(memoryview(buffer).cast("B")[:limit])
        parts.append(part)
        limit -= len(part)
        if limit <= 0:
            break
    return b"".join(parts)


# ---- bytes in ----


def make_recv(original: Any) -> Any:
    def recv(self: Any, *args: Any) -> Any:
        data = original(self, *args)
        if guard.active and data:
            try:
                state = find(id(self)) or adopt(self)
                if state.role != IGNORED and not (len(args) > 1 and args[1] & _PEEK):
                    note_read(state, data, len(data))
            except Exception as error:
                guard.fail(error)
        return data

    return recv


def make_recv_into(original: Any) -> Any:
    def recv_into(self: Any, *args: Any, **named: Any) -> Any:
        size = original(self, *args, **named)
        if guard.active and size:
            try:
                state = find(id(self)) or adopt(self)
                flags = args[2] if len(args) > 2 else named.get("flags", 0)
                if state.role != IGNORED and not flags & _PEEK:
                    note_read(state, args[0] if args else named["buffer"], size)
            except Exception as error:
                guard.fail(error)
        return size

    return recv_into


def make_recvfrom(original: Any) -> Any:
    """recvfrom and recvmsg: the bytes come first in the result."""

    def recvfrom(self: Any, *args: Any) -> Any:
        result = original(self, *args)
        if guard.active and result[0]:
            try:
                state = find(id(self)) or adopt(self)
                flags = args[_flags_at(original)] if len(args) > _flags_at(original) else 0
                if state.role != IGNORED and not flags & _PEEK:
                    note_read(state, result[0], len(result[0]))
            except Exception as error:
                guard.fail(error)
        return result

    return recvfrom


def _flags_at(original: Any) -> int:
    return 2 if original.__name__ == "recvmsg" else 1


def make_recvfrom_into(original: Any) -> Any:
    def recvfrom_into(self: Any, *args: Any, **named: Any) -> Any:
        result = original(self, *args, **named)
        if guard.active and result[0]:
            try:
                state = find(id(self)) or adopt(self)
                flags = args[2] if len(args) > 2 else named.get("flags", 0)
                if state.role != IGNORED and not flags & _PEEK:
                    note_read(state, args[0] if args else named["buffer"], result[0])
            except Exception as error:
                guard.fail(error)
        return result

    return recvfrom_into


def make_recvmsg_into(original: Any) -> Any:
    def recvmsg_into(self: Any, *args: Any) -> Any:
        if not guard.active or not args or not hasattr(args[0], "__iter__"):
            return original(self, *args)
        buffers = list(args[0])
        result = original(self, buffers, *args[1:])
        try:
            state = find(id(self)) or adopt(self)
            flags = args[2] if len(args) > 2 else 0
            if result[0] and state.role != IGNORED and not flags & _PEEK:
                joined = b"".join(bytes(memoryview(buffer).cast("B")) for buffer in buffers)
                note_read(state, joined[: result[0]], result[0])
        except Exception as error:
            guard.fail(error)
        return result

    return recvmsg_into
