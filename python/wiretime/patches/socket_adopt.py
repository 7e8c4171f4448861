# Sockets that were neither connected nor accepted here: they have somebody else's descriptor (of another socket, another process).
# In: a socket when it is first used. Out: its state.

from __future__ import annotations

import _socket

from .. import record
from ..clock import moment
from ..connection_state import (
    CLIENT,
    IGNORED,
    IGNORED_STATE,
    ConnectionState,
    inherited,
    set_state,
    take_over,
)
from .connections import addresses_text, note_connected, open_accepted, open_client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_fileno = _socket.socket.fileno
_getsockname = _socket.socket.getsockname
_getpeername = _socket.socket.getpeername
_AF_UNIX = getattr(_socket, "AF_UNIX", None)
_INTERNET = (_socket.AF_INET, _socket.AF_INET6)
_STREAM = _socket.SOCK_STREAM


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
