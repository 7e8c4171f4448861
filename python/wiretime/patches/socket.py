# The byte layer: `socket.socket`, which nearly every client and server in Python uses in the end, and `getaddrinfo`.
# In: what the application's sockets do. Out: notes (noting.py). The C class below cannot be patched, so its methods are overridden
# on the Python class. A wrapper calls the original once, with what it was given, and returns or raises what that did.

from __future__ import annotations

import _socket
import os
from errno import EISCONN, errorcode

from .. import guard, process_end, record, recorder
from ..clock import moment
from ..connection_state import (
    ACCEPTED,
    CLIENT,
    IGNORED,
    IGNORED_STATE,
    ConnectionState,
    by_descriptor,
    find,
    hand_over,
    inherited,
    remove_state,
    set_state,
    state_of,
    take_over,
)
from ..coverage import note_hooked
from ..hook import wrap
from . import lookups
from .noting import (
    addresses_text,
    note_closed,
    note_connected,
    note_phase,
    note_read,
    note_written,
    open_accepted,
    open_client,
    plain_address,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from ..clock import Moment

_fileno = _socket.socket.fileno
_getsockname = _socket.socket.getsockname
_getpeername = _socket.socket.getpeername
_AF_UNIX = getattr(_socket, "AF_UNIX", None)
_INTERNET = (_socket.AF_INET, _socket.AF_INET6)
_STREAM = _socket.SOCK_STREAM
_PEEK = _socket.MSG_PEEK
_SOL_SOCKET = _socket.SOL_SOCKET
_SO_ERROR = _socket.SO_ERROR
# multiprocessing's own: with its fork server, managers and resource tracker.
_TOOL_PIPE = "/pymp-"
_SIMPLE = (bytes, bytearray, memoryview)


def install(module: ModuleType) -> None:
    recorder.start()
    process_end.install()
    patch_socket_class(module.socket)
    wrap(module, "getaddrinfo", _getaddrinfo)
    wrap(os, "sendfile", _sendfile)
    note_hooked("socket")


def patch_socket_class(cls: Any) -> None:
    """Of `socket`, or of a library with a class of its own (gevent, eventlet)."""
    for name, make in _WRAPPERS.items():
        wrap(cls, name, make)


# ---- states ----


def adopt(sock: Any) -> ConnectionState:
    """A socket that was neither connected nor accepted here: it has somebody else's descriptor."""
    try:
        descriptor = _fileno(sock)
        known = take_over(descriptor)
        if known is not None:
            set_state(sock, known, descriptor)
            return known
        return _open_adopted(sock, descriptor, inherited(sock))
    except OSError:
        set_state(sock, IGNORED_STATE)
        return IGNORED_STATE


def _open_adopted(sock: Any, descriptor: int, parents: ConnectionState | None) -> ConnectionState:
    """Accepted elsewhere, as far as anybody can tell; or of the parent process, who knew."""
    local, remote = _getsockname(sock), _getpeername(sock)
    is_nameless = sock.family == _AF_UNIX and not local and not remote
    if sock.family not in (*_INTERNET, _AF_UNIX) or sock.type & 0xF != _STREAM or is_nameless:
        # socketpair: between the threads of a process, or with a child.
        set_state(sock, IGNORED_STATE)
        return IGNORED_STATE
    now = moment()
    if parents is not None and parents.role == CLIENT and not parents.is_tls:
        host, _, port = parents.target.rpartition(":")
        path = "" if sock.family in _INTERNET else parents.target
        state = open_client(sock, descriptor, host, int(port or 0) if not path else 0, path, now)
        note_connected(state, addresses_text(local, remote), now)
        return state
    if parents is not None and parents.role == IGNORED:
        set_state(sock, IGNORED_STATE)
        return IGNORED_STATE
    flags = 0 if sock.family in _INTERNET else record.OPEN_UNIX
    return open_accepted(sock, descriptor, addresses_text(local, remote), flags, now)


# ---- bytes out ----


def _send(original: Any) -> Any:
    def send(self: Any, *args: Any) -> Any:
        if not guard.active:
            return original(self, *args)
        now = moment()
        size = original(self, *args)
        try:
            state = find(id(self)) or adopt(self)
            if state.role != IGNORED and size > 0:
                note_written(state, args[0], size, now)
        except Exception as error:
            guard.fail(error)
        return size

    return send


def _sendall(original: Any) -> Any:
    """Noted before: when it returns, another thread may have read the answer already."""

    def sendall(self: Any, *args: Any) -> Any:
        if not guard.active:
            return original(self, *args)
        now = moment()
        later = None
        try:
            state = find(id(self)) or adopt(self)
            if state.role == CLIENT and args and args[0].__class__ in _SIMPLE:
                note_written(state, args[0], _size_of(args[0]), now)
            elif state.role != IGNORED:
                later = state
        except Exception as error:
            guard.fail(error)
        result = original(self, *args)
        if later is not None:
            try:
                note_written(later, args[0], _size_of(args[0]), now)
            except Exception as error:
                guard.fail(error)
        return result

    return sendall


def _sendmsg(original: Any) -> Any:
    def sendmsg(self: Any, *args: Any) -> Any:
        if not guard.active:
            return original(self, *args)
        # It may be an iterator, which can be walked only once.
        buffers = args[0] if args and args[0].__class__ in (list, tuple) else None
        now = moment()
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


def _size_of(data: Any) -> int:
    return len(data) if data.__class__ is bytes else memoryview(data).nbytes


# ---- bytes in ----


def _recv(original: Any) -> Any:
    def recv(self: Any, *args: Any) -> Any:
        data = original(self, *args)
        if guard.active and data:
            try:
                state = find(id(self)) or adopt(self)
                if state.role != IGNORED and not (len(args) > 1 and args[1] & _PEEK):
                    note_read(state, data, len(data), moment())
            except Exception as error:
                guard.fail(error)
        return data

    return recv


def _recv_into(original: Any) -> Any:
    def recv_into(self: Any, *args: Any, **named: Any) -> Any:
        size = original(self, *args, **named)
        if guard.active and size:
            try:
                state = find(id(self)) or adopt(self)
                flags = args[2] if len(args) > 2 else named.get("flags", 0)
                if state.role != IGNORED and not flags & _PEEK:
                    note_read(state, args[0] if args else named["buffer"], size, moment())
            except Exception as error:
                guard.fail(error)
        return size

    return recv_into


def _recvfrom(original: Any) -> Any:
    """recvfrom and recvmsg: the bytes come first in the result."""

    def recvfrom(self: Any, *args: Any) -> Any:
        result = original(self, *args)
        if guard.active and result[0]:
            try:
                state = find(id(self)) or adopt(self)
                flags = args[_flags_at(original)] if len(args) > _flags_at(original) else 0
                if state.role != IGNORED and not flags & _PEEK:
                    note_read(state, result[0], len(result[0]), moment())
            except Exception as error:
                guard.fail(error)
        return result

    return recvfrom


def _flags_at(original: Any) -> int:
    return 2 if original.__name__ == "recvmsg" else 1


def _recvfrom_into(original: Any) -> Any:
    def recvfrom_into(self: Any, *args: Any, **named: Any) -> Any:
        result = original(self, *args, **named)
        if guard.active and result[0]:
            try:
                state = find(id(self)) or adopt(self)
                flags = args[2] if len(args) > 2 else named.get("flags", 0)
                if state.role != IGNORED and not flags & _PEEK:
                    note_read(state, args[0] if args else named["buffer"], result[0], moment())
            except Exception as error:
                guard.fail(error)
        return result

    return recvfrom_into


def _recvmsg_into(original: Any) -> Any:
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
                note_read(state, joined[: result[0]], result[0], moment())
        except Exception as error:
            guard.fail(error)
        return result

    return recvmsg_into


# ---- opening ----


def _connect(original: Any) -> Any:
    def connect(self: Any, *args: Any) -> Any:
        if not guard.active:
            return original(self, *args)
        state = _begin_connect(self, args)
        try:
            result = original(self, *args)
        except BlockingIOError:
            raise  # under way: getsockopt, or the first bytes, will tell
        except OSError as error:
            _end_connect(self, state, error.errno, error)
            raise
        _end_connect(self, state, 0, None)
        return result

    return connect


def _connect_ex(original: Any) -> Any:
    def connect_ex(self: Any, *args: Any) -> Any:
        if not guard.active:
            return original(self, *args)
        state = _begin_connect(self, args)
        code = original(self, *args)
        if errorcode.get(code) not in ("EINPROGRESS", "EALREADY", "EWOULDBLOCK", "EAGAIN"):
            _end_connect(self, state, code, None)
        return code

    return connect_ex


def _begin_connect(sock: Any, args: tuple[Any, ...]) -> ConnectionState | None:
    """The state of the new connection; None when it is none."""
    try:
        known = state_of(sock)
        if known is not None and known.role == CLIENT and not known.is_connected:
            return known  # asked again whether it is connected
        if sock.type & 0xF != _STREAM or not args:
            return None
        address = args[0]
        now = moment()
        descriptor = _fileno(sock)
        take_over(descriptor)
        if sock.family == _AF_UNIX:
            path = address.decode("utf-8", "replace") if isinstance(address, bytes) else str(address)
            if _TOOL_PIPE in path:
                set_state(sock, IGNORED_STATE)
                return None
            return open_client(sock, descriptor, "", 0, path.replace("\0", "@", 1), now)
        if sock.family not in _INTERNET or not _is_internet(address):
            return None
        return _open_internet(sock, descriptor, plain_address(address[0]), int(address[1]), now)
    except OSError:
        return None  # a closed socket
    except Exception as error:
        guard.fail(error)
        return None


def _is_internet(address: Any) -> bool:
    if not isinstance(address, tuple):
        return False
    parts: tuple[Any, ...] = address  # pyright: ignore[reportUnknownVariableType]
    return len(parts) >= 2 and isinstance(parts[0], str) and isinstance(parts[1], int)


def _open_internet(sock: Any, descriptor: int, address: str, port: int, now: Moment) -> ConnectionState:
    """With the name it was looked up by: then it begins with the look-up."""
    lookup = lookups.take(address, port)
    if lookup is None:
        return open_client(sock, descriptor, address, port, "", now)
    thread = now[2]
    state = open_client(sock, descriptor, lookup.host, port, "", (lookup.start, -1, thread))
    note_phase(state, record.PHASE_RESOLVED, f'{{"address":"{address}"}}', (lookup.end, -1, thread))
    return state


def _end_connect(sock: Any, state: ConnectionState | None, code: int | None, error: OSError | None) -> None:
    if state is None or state.role != CLIENT or state.is_connected:
        return
    try:
        if code == 0 or code == EISCONN:
            note_connected(state, _addresses_of(sock), moment())
        else:
            name = errorcode.get(code or 0) or ("ETIMEDOUT" if isinstance(error, TimeoutError) else "EFAILED")
            note_phase(state, record.PHASE_FAILED, f'{{"code":"{name}"}}', moment())
            note_closed(remove_state(sock), is_error=True)
    except Exception as own:
        guard.fail(own)


def _getsockopt(original: Any) -> Any:
    """How event loops learn that a connection is established."""

    def getsockopt(self: Any, *args: Any) -> Any:
        result = original(self, *args)
        if guard.active and args[:2] == (_SOL_SOCKET, _SO_ERROR):
            state = state_of(self)
            if state is not None:
                _end_connect(self, state, result, None)
        return result

    return getsockopt


def _addresses_of(sock: Any) -> str:
    try:
        return addresses_text(_getsockname(sock), _getpeername(sock))
    except OSError:
        return "{}"


def _accept(original: Any) -> Any:
    def accept(self: Any) -> Any:
        result = original(self)
        if guard.active:
            try:
                note_accepted(result[0])
            except Exception as error:
                guard.fail(error)
        return result

    return accept


def note_accepted(sock: Any) -> None:
    """A server has accepted this socket."""
    known = state_of(sock)
    if (known is not None and known.role == ACCEPTED) or sock.type & 0xF != _STREAM:
        return
    descriptor = _fileno(sock)
    take_over(descriptor)
    flags = 0 if sock.family in _INTERNET else record.OPEN_UNIX
    open_accepted(sock, descriptor, _addresses_of(sock), flags, moment())


# ---- closing ----


def _close(original: Any) -> Any:
    """`_real_close`: `close` waits while files made of the socket are open."""

    def close(self: Any, *args: Any) -> Any:
        if guard.active:
            try:
                note_closed(remove_state(self))
            except Exception as error:
                guard.fail(error)
        return original(self, *args)

    return close


def _detach(original: Any) -> Any:
    def detach(self: Any) -> Any:
        descriptor = original(self)
        if guard.active:
            try:
                state = remove_state(self)
                if state is not None and state.id and descriptor >= 0:
                    hand_over(descriptor, state)
            except Exception as error:
                guard.fail(error)
        return descriptor

    return detach


# ---- names and files ----


def _getaddrinfo(original: Any) -> Any:
    def getaddrinfo(*args: Any, **named: Any) -> Any:
        if not guard.active:
            return original(*args, **named)
        start = moment()[0]
        result = original(*args, **named)
        try:
            lookups.note(args[0] if args else named.get("host"), result, start, moment()[0])
        except Exception as error:
            guard.fail(error)
        return result

    return getaddrinfo


def _sendfile(original: Any) -> Any:
    """Of `os`: the socket is only a descriptor there."""

    def sendfile(*args: Any, **named: Any) -> Any:
        now = moment()
        size = original(*args, **named)
        if guard.active and size:
            try:
                descriptor = args[0] if args else named.get("out_fd")
                state = by_descriptor(descriptor) if isinstance(descriptor, int) else None
                if state is not None:
                    note_written(state, b"", size, now)
            except Exception as error:
                guard.fail(error)
        return size

    return sendfile


_WRAPPERS = {
    "send": _send,
    "sendall": _sendall,
    "sendmsg": _sendmsg,
    "recv": _recv,
    "recv_into": _recv_into,
    "recvfrom": _recvfrom,
    "recvmsg": _recvfrom,
    "recvfrom_into": _recvfrom_into,
    "recvmsg_into": _recvmsg_into,
    "connect": _connect,
    "connect_ex": _connect_ex,
    "getsockopt": _getsockopt,
    "accept": _accept,
    "_real_close": _close,
    "detach": _detach,
}
