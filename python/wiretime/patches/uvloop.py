# uvloop: its transports are C and do not use Python's sockets. In: `uvloop.Loop`'s ways to make connections. Out: notes.
# The loop gets a protocol that notes and passes on, the application's protocol gets a transport that does the same. TLS is
# below both, so what is noted is plaintext. A transport made of a connected socket goes on with that socket's connection.
# Not seen: `loop.sock_recv` and `loop.sock_sendall` made on uvloop; how long the look-up inside `create_connection` takes.

from __future__ import annotations

import asyncio

from .. import guard, record
from ..clock import moment
from ..connection_state import CLIENT, IGNORED, ConnectionState, state_of
from ..context import set_context
from ..coverage import note_hooked
from ..hook import wrap
from . import lookups
from .asyncio import create_task
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


def install(module: ModuleType) -> None:
    loop = module.Loop
    for name in ("create_server", "create_unix_server"):
        wrap(loop, name, _create_server)
    for name in ("create_connection", "create_unix_connection", "connect_accepted_socket"):
        wrap(loop, name, _create_connection)
    wrap(loop, "start_tls", _start_tls)
    wrap(loop, "getaddrinfo", _getaddrinfo)
    wrap(loop, "create_task", create_task)
    note_hooked("uvloop")


class _Transport:
    """What the application writes to."""

    __slots__ = ("__weakref__", "state", "transport")

    def __init__(self, transport: Any, state: ConnectionState) -> None:
        self.transport = transport
        self.state = state

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)

    def write(self, data: Any) -> None:
        self._note((data,))
        return self.transport.write(data)

    def writelines(self, parts: Any) -> None:
        parts = list(parts)
        self._note(parts)
        return self.transport.writelines(parts)

    def set_protocol(self, protocol: Any) -> None:
        return self.transport.set_protocol(_noting(protocol, self.state, self))

    def get_protocol(self) -> Any:
        return _inner(self.transport.get_protocol())

    def _note(self, parts: Any) -> None:
        """Before the bytes are handed over: the loop may send them at once."""
        if not guard.active or self.state.role == IGNORED:
            return
        try:
            data = parts[0] if len(parts) == 1 else b"".join(parts)
            size = len(data) if data.__class__ is bytes else memoryview(data).nbytes
            if size > 0:
                note_written(self.state, data, size, moment())
        except TypeError:
            pass  # the application's mistake: the real transport says so
        except Exception as error:
            guard.fail(error)


class _Noting:
    """What the loop calls instead of the application's protocol."""

    def __init__(self, protocol: Any, opening: _Opening | None, state: ConnectionState | None) -> None:
        self.protocol = protocol
        self.opening = opening
        self.state = state
        self.wrapped: _Transport | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.protocol, name)

    def connection_made(self, transport: Any) -> None:
        return self.protocol.connection_made(self._attach(transport))

    def _attach(self, transport: Any) -> Any:
        """The transport for the application."""
        if self.wrapped is not None:
            return self.wrapped
        if self.opening is None or not guard.active:
            return transport
        try:
            self.state = self.opening.opened(transport)
            self.wrapped = _Transport(transport, self.state)
            return self.wrapped
        except Exception as error:
            guard.fail(error)
            return transport

    def connection_lost(self, error: Any) -> None:
        if guard.active:
            try:
                note_closed(self.state, error is not None)
            except Exception as own:
                guard.fail(own)
        return self.protocol.connection_lost(error)

    def eof_received(self) -> Any:
        return self.protocol.eof_received()

    def pause_writing(self) -> None:
        return self.protocol.pause_writing()

    def resume_writing(self) -> None:
        return self.protocol.resume_writing()

    def _note_read(self, data: Any, size: int) -> None:
        if guard.active and self.state is not None and size > 0:
            try:
                note_read(self.state, data, size, moment())
            except Exception as error:
                guard.fail(error)


class _NotingProtocol(_Noting, asyncio.Protocol):  # pyright: ignore[reportIncompatibleMethodOverride]
    def data_received(self, data: bytes) -> None:
        self._note_read(data, len(data))
        return self.protocol.data_received(data)


class _NotingBufferedProtocol(_Noting, asyncio.BufferedProtocol):  # pyright: ignore[reportIncompatibleMethodOverride]
    def get_buffer(self, sizehint: int) -> Any:
        self.buffer = self.protocol.get_buffer(sizehint)
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._note_read(self.buffer, nbytes)
        return self.protocol.buffer_updated(nbytes)


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


def _noting(
    protocol: Any, state: ConnectionState | None, wrapped: _Transport | None, opening: _Opening | None = None
) -> Any:
    """The protocol for the loop."""
    if isinstance(protocol, _Noting):
        return protocol
    if hasattr(protocol, "get_buffer"):
        noting: _Noting = _NotingBufferedProtocol(protocol, opening, state)
    elif hasattr(protocol, "data_received"):
        noting = _NotingProtocol(protocol, opening, state)
    else:
        return protocol
    noting.wrapped = wrapped
    return noting


def _inner(protocol: Any) -> Any:
    return protocol.protocol if isinstance(protocol, _Noting) else protocol


def _create_server(original: Any) -> Any:
    async def create_server(self: Any, protocol_factory: Any, *args: Any, **named: Any) -> Any:
        def factory() -> Any:
            protocol = protocol_factory()
            return _noting(protocol, None, None, _Opening(True, moment()))

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
            return _noting(protocol_factory(), None, None, opening)

        transport, protocol = await original(self, factory, *args, **named)
        if isinstance(protocol, _Noting):
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
        if not isinstance(transport, _Transport):
            return await original(self, transport, protocol, *args, **named)
        state = transport.state
        noting = _noting(protocol, state, None)
        upgraded = await original(self, transport.transport, noting, *args, **named)
        wrapped = _Transport(upgraded, state)
        if isinstance(noting, _Noting):
            noting.wrapped = wrapped
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
