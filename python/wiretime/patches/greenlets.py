# gevent and eventlet. Their sockets keep a real one inside, of a class of Python: all bytes pass there. Greenlets begin with an empty
# context: they go on with the request that spawned them. In: their modules. Out: notes of socket.py and ssl.py, contexts.

from __future__ import annotations

import contextvars

from .. import driver, guard
from ..connection_state import ConnectionState
from ..context import NO_CONTEXT, variable
from ..coverage import note_hooked
from ..hook import wrap
from . import socket, ssl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def install(module: ModuleType) -> None:
    name = module.__name__
    driver.has_greenlets = True
    _INSTALL[name](module)
    note_hooked(name.partition(".")[0])


# ---- gevent ----


def _gevent_sockets(module: ModuleType) -> None:
    socket.patch_socket_class(module._wrefsocket)
    wrap(module._wrefsocket, "close", socket.make_close)


def _gevent_lookups(module: ModuleType) -> None:
    wrap(module, "getaddrinfo", socket.make_getaddrinfo)


def _gevent_tls(module: ModuleType) -> None:
    ssl.patch_tls_class(module.SSLSocket)
    wrap(module.SSLSocket, "do_handshake", ssl.make_do_handshake)


def _gevent(module: ModuleType) -> None:
    for name in ("spawn", "spawn_later"):
        wrap(module, name, _spawning)


def _gevent_pools(module: ModuleType) -> None:
    for cls in (module.Group, module.Pool):
        wrap(cls, "start", _starting)


# ---- eventlet: its sockets are ordinary ones, of a second copy of `socket`, which is patched as the first ----


def _eventlet(module: ModuleType) -> None:
    wrap(module.GreenThread, "__init__", _making)
    wrap(module, "spawn_n", _spawning)


# ---- contexts ----


def _spawning(original: Any) -> Any:
    def spawn(*args: Any, **named: Any) -> Any:
        greenlet = original(*args, **named)
        _carry(greenlet)
        return greenlet

    return spawn


def _starting(original: Any) -> Any:
    def start(self: Any, greenlet: Any, *args: Any, **named: Any) -> Any:
        _carry(greenlet)
        return original(self, greenlet, *args, **named)

    return start


def _making(original: Any) -> Any:
    def __init__(self: Any, *args: Any, **named: Any) -> None:
        original(self, *args, **named)
        _carry(self)

    return __init__


def _carry(greenlet: Any) -> None:
    """Of the context only our variable: whatever the application keeps there is none of a new greenlet's."""
    if not guard.active:
        return
    try:
        value = variable.get()
        if value is NO_CONTEXT or greenlet.gr_context is not None:
            return
        if isinstance(value, ConnectionState) and value.exchange is not None:
            value = value.current_context()
        context = contextvars.Context()
        context.run(variable.set, value)
        greenlet.gr_context = context
    except (AttributeError, ValueError):
        pass  # a greenlet without contexts, or one that runs already
    except Exception as error:
        guard.fail(error)


_INSTALL = {
    "gevent._socket3": _gevent_sockets,
    "gevent.socket": _gevent_lookups,
    "gevent.ssl": _gevent_tls,
    "gevent": _gevent,
    "gevent.pool": _gevent_pools,
    "eventlet.greenthread": _eventlet,
}
