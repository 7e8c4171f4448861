# TLS: plaintext where it crosses into OpenSSL. In: `ssl.SSLSocket` (blocking clients and servers) and `ssl.SSLObject` (asyncio,
# trio, anyio). Out: notes of a TLS layer on the connection below, whose own bytes are encrypted and not recorded.
# `recv`, `recv_into`, `sendall` and `makefile` of an SSLSocket all end in `read` and `send`.

from __future__ import annotations

import _socket
import sys

from .. import guard, record
from ..clock import moment
from ..connection_state import (
    IGNORED,
    IGNORED_STATE,
    ConnectionState,
    set_state,
    state_of,
    take_over,
)
from ..context import variable
from ..coverage import note_hooked, note_not_visible
from ..hook import wrap
from .connections import note_phase, open_layer
from .noting import handshaking, note_read, note_written
from .socket_adopt import adopt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from ..clock import Moment


def install(module: ModuleType) -> None:
    for cls in (module.SSLSocket, module.SSLObject):
        patch_tls_class(cls)
    wrap(module.SSLSocket, "do_handshake", make_do_handshake)
    wrap(module.SSLObject, "do_handshake", _do_handshake_of_object)
    note_hooked("ssl")


def patch_tls_class(cls: Any) -> None:
    wrap(cls, "read", _read)
    wrap(cls, "write", _write)
    if "send" in cls.__dict__:
        wrap(cls, "send", _write)


def _read(original: Any) -> Any:
    def read(self: Any, *args: Any, **named: Any) -> Any:
        result = original(self, *args, **named)
        if guard.active and result:
            try:
                state = state_of(self)
                if state is not None and state.is_tls and state.role != IGNORED:
                    buffer = args[1] if len(args) > 1 else named.get("buffer")
                    if buffer is None:
                        note_read(state, result, len(result))
                    else:
                        note_read(state, buffer, result)
            except Exception as error:
                guard.fail(error)
        return result

    return read


def _write(original: Any) -> Any:
    def write(self: Any, *args: Any, **named: Any) -> Any:
        if not guard.active:
            return original(self, *args, **named)
        now = moment()
        size = original(self, *args, **named)
        try:
            state = state_of(self)
            # Without TLS an SSLSocket sends as a plain one, which is noted there.
            if size <= 0 or state is None or state.role == IGNORED:
                return size
            if state.is_tls and self._sslobj is not None:
                note_written(state, args[0] if args else named["data"], size, now)
        except Exception as error:
            guard.fail(error)
        return size

    return write


def make_do_handshake(original: Any) -> Any:
    """May be called again and again on a non-blocking socket."""

    def do_handshake(self: Any, *args: Any, **named: Any) -> Any:
        if not guard.active:
            return original(self, *args, **named)
        state = _begin_on_socket(self)
        result = original(self, *args, **named)
        _secured(self, state)
        return result

    return do_handshake


def _begin_on_socket(sock: Any) -> ConnectionState | None:
    try:
        # gevent's has the real one inside.
        inner = getattr(sock, "_sock", sock)
        known = state_of(sock) or state_of(inner) or take_over(_socket.socket.fileno(inner)) or adopt(inner)
        if known.is_tls or known.id == 0:
            return known
        layer = open_layer(sock, known, bool(sock.server_side), moment())
        # The object stands for the layer now; a descriptor stands for what is written to it without TLS.
        layer.descriptor = known.descriptor
        return layer
    except Exception as error:
        guard.fail(error)
        return None


def _do_handshake_of_object(original: Any) -> Any:
    def do_handshake(self: Any, *args: Any, **named: Any) -> Any:
        if not guard.active:
            return original(self, *args, **named)
        now = moment()
        _begin_on_object(self, now)
        result = original(self, *args, **named)
        _secured(self, _state_after_handshake(self, now))
        return result

    return do_handshake


def _begin_on_object(owner: Any, now: Moment) -> None:
    """A client's layer is found when its ClientHello is written; a server's is on the connection that was read last."""
    try:
        if state_of(owner) is not None:
            return
        if not owner.server_side:
            pending = handshaking.get()
            if pending is None or pending[0] is not owner:
                handshaking.set((owner, now))
            return
        below = variable.get()
        if isinstance(below, ConnectionState) and below.layer is None and below.role == IGNORED:
            open_layer(owner, below, True, now)
    except Exception as error:
        guard.fail(error)


def _state_after_handshake(owner: Any, now: Moment) -> ConnectionState | None:
    try:
        state = state_of(owner)
        if state is None:
            handshaking.set(None)
            if _runs_on_uvloop():
                # uvloop's own TLS: its plaintext is seen at the transport.
                set_state(owner, IGNORED_STATE)
                return None
            # Its bytes go where no socket of Python is.
            state = open_layer(owner, None, bool(owner.server_side), now)
        return state
    except Exception as error:
        guard.fail(error)
        return None


def _runs_on_uvloop() -> bool:
    if "uvloop" not in sys.modules:
        return False
    loop = sys.modules["asyncio"]._get_running_loop()
    return type(loop).__module__.startswith("uvloop")


def _secured(owner: Any, state: ConnectionState | None) -> None:
    try:
        if state is None or state.role == IGNORED or state.is_secured:
            return
        state.is_secured = True
        reused = "true" if owner.session_reused else "false"
        note_phase(
            state, record.PHASE_SECURED, f'{{"protocol":"{owner.version()}","reused":{reused}}}', moment()
        )
        if owner.selected_alpn_protocol() == "h2":
            note_not_visible("http2")
    except Exception as error:
        guard.fail(error)
