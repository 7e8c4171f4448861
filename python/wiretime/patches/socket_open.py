# How connections of sockets begin: connect, also when it takes a while; accept. In: originals of these methods. Out: wrappers that
# note the look-up of the name, the connection and its addresses, or why there is none.

from __future__ import annotations

import _socket
from errno import EISCONN, errorcode

from .. import guard, record
from ..clock import moment
from ..connection_state import (
    ACCEPTED,
    CLIENT,
    IGNORED_STATE,
    ConnectionState,
    remove_state,
    set_state,
    state_of,
    take_over,
)
from . import lookups
from .connections import (
    addresses_text,
    note_closed,
    note_connected,
    note_phase,
    open_accepted,
    open_client,
    plain_address,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..clock import Moment

_fileno = _socket.socket.fileno
_getsockname = _socket.socket.getsockname
_getpeername = _socket.socket.getpeername
_AF_UNIX = getattr(_socket, "AF_UNIX", None)
_INTERNET = (_socket.AF_INET, _socket.AF_INET6)
_STREAM = _socket.SOCK_STREAM
_SOL_SOCKET = _socket.SOL_SOCKET
_SO_ERROR = _socket.SO_ERROR
# multiprocessing's own: with its fork server, managers and resource tracker.
_TOOL_PIPE = "/pymp-"


def make_connect(original: Any) -> Any:
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


def make_connect_ex(original: Any) -> Any:
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


def make_getsockopt(original: Any) -> Any:
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


def make_accept(original: Any) -> Any:
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
