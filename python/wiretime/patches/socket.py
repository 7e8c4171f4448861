# The byte layer: `socket.socket`, which nearly every client and server in Python uses in the end, and `getaddrinfo`.
# In: what the application's sockets do. Out: notes (noting.py). The C class below cannot be patched, so its methods are overridden
# on the Python class: bytes in socket_bytes.py, connections in socket_open.py, their ends here.

from __future__ import annotations

import os

from .. import guard, process_end, recorder
from ..clock import moment
from ..connection_state import by_descriptor, hand_over, remove_state
from ..coverage import note_hooked
from ..hook import wrap
from . import lookups, socket_bytes, socket_open
from .connections import note_closed
from .noting import note_written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def install(module: ModuleType) -> None:
    recorder.start()
    process_end.install()
    patch_socket_class(module.socket)
    wrap(module, "getaddrinfo", make_getaddrinfo)
    wrap(os, "sendfile", _sendfile)
    note_hooked("socket")


def patch_socket_class(cls: Any) -> None:
    """Of `socket`, or of a library with a class of its own (gevent, eventlet)."""
    for name, make in _WRAPPERS.items():
        wrap(cls, name, make)


# ---- closing ----


def make_close(original: Any) -> Any:
    """Of `_real_close`: `close` waits while files made of the socket are open."""

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


def make_getaddrinfo(original: Any) -> Any:
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
    "send": socket_bytes.make_send,
    "sendall": socket_bytes.make_sendall,
    "sendmsg": socket_bytes.make_sendmsg,
    "recv": socket_bytes.make_recv,
    "recv_into": socket_bytes.make_recv_into,
    "recvfrom": socket_bytes.make_recvfrom,
    "recvmsg": socket_bytes.make_recvfrom,
    "recvfrom_into": socket_bytes.make_recvfrom_into,
    "recvmsg_into": socket_bytes.make_recvmsg_into,
    "connect": socket_open.make_connect,
    "connect_ex": socket_open.make_connect_ex,
    "getsockopt": socket_open.make_getsockopt,
    "accept": socket_open.make_accept,
    "_real_close": make_close,
    "detach": _detach,
}
