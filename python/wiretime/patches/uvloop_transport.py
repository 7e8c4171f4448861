# What stands between uvloop's transports and the application's protocols: a protocol that notes and passes on, for the loop; a
# transport that does the same, for the application. In: what they tell each other. Out: notes of bytes and of the end.
# Not here: which connection it is (uvloop.py).

from __future__ import annotations

import asyncio
from time import monotonic_ns

from .. import guard
from ..connection_state import ACCEPTED, IGNORED, ConnectionState
from ..record import WRITE_CAPTURE_BYTES
from .connections import note_closed
from .noting import note_read, note_written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    class Opening(Protocol):
        """A connection on its way."""

        def opened(self, transport: Any) -> ConnectionState: ...


# What applications ask transports for all the time; kept, so that they get it without a detour.
_ASKED = ("close", "get_extra_info", "is_closing", "pause_reading", "resume_reading")


class Transport:
    """What the application writes to."""

    __slots__ = (*_ASKED, "__weakref__", "_write", "state", "transport")

    def __init__(self, transport: Any, state: ConnectionState) -> None:
        self.transport = transport
        self.state = state
        self._write = transport.write
        for name in _ASKED:
            method = getattr(transport, name, None)
            if method is not None:
                setattr(self, name, method)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)

    @property
    def wiretime_state(self) -> ConnectionState:
        """For those who do not know whether it is one of ours."""
        return self.state

    def write(self, data: Any) -> None:
        """Noted before the bytes are handed over: the loop may send them at once."""
        state = self.state
        if guard.active and state.role != IGNORED:
            try:
                if data.__class__ is bytes:
                    if data:
                        note_written(state, data, len(data))
                else:
                    # asyncpg writes a buffer of its own: `size_of` and `as_bytes`, written out.
                    view = memoryview(data)
                    size = view.nbytes
                    if size > 0:
                        note_written(state, view.tobytes() if size <= WRITE_CAPTURE_BYTES else data, size)
            except (TypeError, ValueError):
                pass  # the application's mistake (no bytes, a released view): the real transport says so
            except Exception as error:
                guard.fail(error)
        return self._write(data)

    def writelines(self, parts: Any) -> None:
        parts = list(parts)
        if guard.active and self.state.role != IGNORED:
            try:
                data = b"".join(parts)
                if data:
                    note_written(self.state, data, len(data))
            except TypeError:
                pass
            except Exception as error:
                guard.fail(error)
        return self.transport.writelines(parts)

    def set_protocol(self, protocol: Any) -> None:
        return self.transport.set_protocol(noting(protocol, self.state, self))

    def get_protocol(self) -> Any:
        return _inner(self.transport.get_protocol())


class ServerTransport(Transport):
    """Of an accepted connection: what is written is looked at, and not kept."""

    __slots__ = ()

    def write(self, data: Any) -> None:
        if guard.active and data.__class__ is bytes and data:
            try:
                exchange = self.state.exchange
                if exchange is not None and self.state.role == ACCEPTED and not exchange.is_ended:
                    exchange.wrote(monotonic_ns(), data, len(data))
            except Exception as error:
                guard.fail(error)
            return self._write(data)
        return Transport.write(self, data)


class Noting:
    """What the loop calls instead of the application's protocol."""

    def __init__(self, protocol: Any, opening: Opening | None, state: ConnectionState | None) -> None:
        self.protocol = protocol
        self.opening = opening
        self.state = state
        self.wrapped: Transport | None = None

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
            is_server = self.state.role == ACCEPTED
            self.wrapped = (ServerTransport if is_server else Transport)(transport, self.state)
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
                note_read(self.state, data, size)
            except Exception as error:
                guard.fail(error)


class _NotingProtocol(Noting, asyncio.Protocol):  # pyright: ignore[reportIncompatibleMethodOverride]
    def data_received(self, data: bytes) -> None:
        # `_note_read`, written out.
        state = self.state
        if guard.active and state is not None and data:
            try:
                note_read(state, data, len(data))
            except Exception as error:
                guard.fail(error)
        return self.protocol.data_received(data)


class _NotingBufferedProtocol(Noting, asyncio.BufferedProtocol):  # pyright: ignore[reportIncompatibleMethodOverride]
    def get_buffer(self, sizehint: int) -> Any:
        self.buffer = self.protocol.get_buffer(sizehint)
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._note_read(self.buffer, nbytes)
        return self.protocol.buffer_updated(nbytes)


def noting(
    protocol: Any, state: ConnectionState | None, wrapped: Transport | None, opening: Opening | None = None
) -> Any:
    """The protocol for the loop."""
    if isinstance(protocol, Noting):
        return protocol
    if hasattr(protocol, "get_buffer"):
        between: Noting = _NotingBufferedProtocol(protocol, opening, state)
    elif hasattr(protocol, "data_received"):
        between = _NotingProtocol(protocol, opening, state)
    else:
        return protocol
    between.wrapped = wrapped
    return between


def _inner(protocol: Any) -> Any:
    return protocol.protocol if isinstance(protocol, Noting) else protocol
