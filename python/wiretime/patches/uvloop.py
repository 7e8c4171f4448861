# uvloop: its transports are C and do not use Python's sockets. In: `uvloop.Loop`'s ways to make connections. Out: notes.
# The loop gets a protocol that notes and passes on, the application's protocol gets a transport that does the same. TLS is
# below both, so what is noted is plaintext. A transport made of a connected socket goes on with that socket's connection.
# Not seen: `loop.sock_recv` and `loop.sock_sendall` made on uvloop; how long the look-up inside `create_connection` takes.

from __future__ import annotations

from .. import guard, record
from ..clock import moment, thread_clock
from ..connection_state import CLIENT, ConnectionState, state_of
from ..context import set_context
from ..coverage import note_hooked
from ..hook import wrap
from ..looks import unwatch, watch
from . import lookups
from .asyncio import create_task
from .connections import addresses_text, note_connected, note_phase, open_accepted, open_client, plain_address
from .uvloop_transport import Noting, Transport, noting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from ..clock import Moment


def install(module: ModuleType) -> None:
    loop = module.Loop
    for name in ("create_server", "create_unix_server"):
        wrap(loop, name, _create_server)
    for name in ("create_connection", "create_unix_connection", "connect_accepted_socket"):
        wrap(loop, name, _create_connection)
    wrap(loop, "start_tls", _start_tls)
    wrap(loop, "getaddrinfo", _getaddrinfo)
    wrap(loop, "create_task", create_task)
    wrap(loop, "run_forever", _run_forever)
    note_hooked("uvloop")


def _run_forever(original: Any) -> Any:
    """Where the loop waits this is the innermost function of its thread."""

    def run_forever(self: Any) -> Any:
        clock = thread_clock()
        watch(clock, run_forever.__code__)
        try:
            return original(self)
        finally:
            unwatch(clock)

    return run_forever


class _Opening:
    """A connection on its way: what is known of it before there is a transport."""

    def __init__(
        self, is_server: bool, now: Moment, host: str = "", port: int = 0, path: str = "", sock: Any = None
    ):
        self._is_server = is_server
        self._now = now
        self._host = host
        self._port = port
        self._path = path
        self._sock = sock

    def opened(self, transport: Any) -> ConnectionState:
        known = state_of(self._sock) if self._sock is not None else None
        state = known or self._open(transport)
        tls = transport.get_extra_info("ssl_object")
        if state.role == CLIENT and not state.is_connected:
            note_connected(state, _addresses_of(transport), moment())
        if tls is not None and not state.is_secured:
            state.is_tls = state.is_secured = True
            note_phase(state, record.PHASE_SECURED, f'{{"protocol":"{tls.version()}"}}', moment())
        if self._is_server:
            # Tasks that are made now work for whatever is asked on this connection.
            set_context(state)
        return state

    def _open(self, transport: Any) -> ConnectionState:
        tls = record.OPEN_TLS if transport.get_extra_info("ssl_object") is not None else 0
        if self._is_server:
            is_internet = isinstance(transport.get_extra_info("peername"), tuple)
            flags = tls | (0 if is_internet else record.OPEN_UNIX)
            return open_accepted(None, -1, _addresses_of(transport), flags, moment())
        peer = transport.get_extra_info("peername")
        host = self._host or (plain_address(peer[0]) if isinstance(peer, tuple) else "")
        return open_client(None, -1, host, self._port, self._path, self._now)


def _addresses_of(transport: Any) -> str:
    return addresses_text(transport.get_extra_info("sockname"), transport.get_extra_info("peername"))


def _create_server(original: Any) -> Any:
    async def create_server(self: Any, protocol_factory: Any, *args: Any, **named: Any) -> Any:
        def factory() -> Any:
            protocol = protocol_factory()
            return noting(protocol, None, None, _Opening(True, moment()))

        return await original(self, factory if guard.active else protocol_factory, *args, **named)

    return create_server


def _create_connection(original: Any) -> Any:
    is_accepted = original.__name__ == "connect_accepted_socket"
    is_unix = original.__name__ == "create_unix_connection"

    async def create_connection(self: Any, protocol_factory: Any, *args: Any, **named: Any) -> Any:
        if not guard.active:
            return await original(self, protocol_factory, *args, **named)
        opening = _asked(args, named, is_accepted, is_unix)

        def factory() -> Any:
            return noting(protocol_factory(), None, None, opening)

        transport, protocol = await original(self, factory, *args, **named)
        if isinstance(protocol, Noting):
            return protocol.wrapped or transport, protocol.protocol
        return transport, protocol

    return create_connection


def _asked(args: Any, named: Any, is_accepted: bool, is_unix: bool) -> _Opening:
    now = moment()
    first = args[0] if args else None
    if is_accepted:
        return _Opening(True, now, sock=named.get("sock", first))
    if is_unix:
        return _Opening(False, now, path=str(named.get("path", first) or ""), sock=named.get("sock"))
    host = named.get("host", first)
    port = named.get("port", args[1] if len(args) > 1 else None)
    is_number = isinstance(port, int) or (isinstance(port, str) and port.isdigit())
    return _Opening(False, now, str(host or ""), int(port) if is_number else 0, sock=named.get("sock"))


def _start_tls(original: Any) -> Any:
    """The same connection goes on, with plaintext again above the TLS of uvloop."""

    async def start_tls(self: Any, transport: Any, protocol: Any, *args: Any, **named: Any) -> Any:
        if not isinstance(transport, Transport):
            return await original(self, transport, protocol, *args, **named)
        state = transport.state
        between = noting(protocol, state, None)
        upgraded = await original(self, transport.transport, between, *args, **named)
        wrapped = Transport(upgraded, state)
        if isinstance(between, Noting):
            between.wrapped = wrapped
        try:
            state.is_tls = True
            tls = upgraded.get_extra_info("ssl_object")
            if not state.is_secured and tls is not None:
                state.is_secured = True
                note_phase(state, record.PHASE_SECURED, f'{{"protocol":"{tls.version()}"}}', moment())
        except Exception as error:
            guard.fail(error)
        return wrapped

    return start_tls


def _getaddrinfo(original: Any) -> Any:
    async def getaddrinfo(self: Any, host: Any, *args: Any, **named: Any) -> Any:
        start = moment()[0]
        result = await original(self, host, *args, **named)
        if guard.active:
            try:
                lookups.note(host, result, start, moment()[0])
            except Exception as error:
                guard.fail(error)
        return result

    return getaddrinfo
