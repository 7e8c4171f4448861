# What patches of byte streams share: how connections open and end, in records. In: what is known of a connection when it opens, is
# connected, secured, used, closed. Out: connectionOpen, connectionPhase and close records. Functions here may raise: the wrappers
# around them catch. Not here: its bytes and requests (noting.py).

from __future__ import annotations

from .. import accepted, connection_state, granted, record, recorder
from ..calls import sampled_call
from ..clock import moment
from ..connection_state import (
    ACCEPTED,
    CLIENT,
    IGNORED,
    ConnectionState,
    set_state,
)
from ..context import current_context, set_context
from ..json_text import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..clock import Moment


# ---- opening ----


def open_client(owner: Any, descriptor: int, host: str, port: int, path: str, now: Moment) -> ConnectionState:
    """The application connects, since `now`. `owner` None: whoever asks keeps the state."""
    target = path or f"{host}:{port}"
    state = ConnectionState(CLIENT, target)
    if owner is not None:
        set_state(owner, state, descriptor)
    payload = f'{{"path":{quoted(path)}}}' if path else f'{{"host":{quoted(host)},"port":{port}}}'
    _open(state, record.OPEN_UNIX if path else 0, 0, payload, now)
    return state


def open_accepted(owner: Any, descriptor: int, addresses: str, flags: int, now: Moment) -> ConnectionState:
    """A server accepted it."""
    state = ConnectionState(ACCEPTED)
    state.is_tls = flags & record.OPEN_TLS != 0
    if owner is not None:
        set_state(owner, state, descriptor)
    time, idle, thread = now
    state.flags = flags | record.OPEN_ACCEPTED
    state.epoch = recorder.epoch
    recorder.put(record.connection_open(time, idle, thread | state.flags, state.id, 0, 0, 0, "{}"))
    accepted.remember(state, addresses)
    note_connected(state, addresses, now)
    # Whoever accepts has finished with the request before.
    set_context(state)
    return state


def open_layer(owner: Any, below: ConnectionState | None, is_server: bool, now: Moment) -> ConnectionState:
    """A TLS layer, on a connection if that is known. From now on the bytes below are encrypted."""
    state = ConnectionState(ACCEPTED if is_server else CLIENT, below.target if below else "")
    state.is_tls = True
    state.is_connected = True
    state.addresses = below.addresses if below else ""
    state.peer = below.peer if below else None
    state.client = below.client if below else None
    set_state(owner, state)
    flags = record.OPEN_TLS | (record.OPEN_ACCEPTED if is_server else 0)
    _open(state, flags, below.id if below else 0, "{}", now)
    if below is not None:
        below.role = IGNORED
        below.layer = state
        state.below = below
        if is_server:
            set_context(below)
    return state


def _open(state: ConnectionState, flags: int, over: int, payload: str, now: Moment) -> None:
    time, idle, thread = now
    request = call = 0
    if state.role == CLIENT:
        context = current_context()
        request = context.request
        call = context.call or granted.opened(state.id) or sampled_call(request, state.sampling, now)
    state.flags = flags
    state.asked = payload
    state.epoch = recorder.epoch
    recorder.put(record.connection_open(time, idle, thread | flags, state.id, over, request, call, payload))


def tell_again(state: ConnectionState, now: Moment) -> None:
    """This collector has not heard of it."""
    time, idle, thread = now
    state.epoch = recorder.epoch
    flags = thread | state.flags | record.OPEN_ALREADY
    recorder.put(record.connection_open(time, idle, flags, state.id, 0, 0, 0, state.asked))
    if state.addresses:
        note_phase(state, record.PHASE_CONNECTED, state.addresses, now)


def note_connected(state: ConnectionState, addresses: str, now: Moment) -> None:
    """`addresses`: the payload of the phase, see `addresses_text`."""
    if state.is_connected:
        return
    state.is_connected = True
    state.addresses = addresses
    note_phase(state, record.PHASE_CONNECTED, addresses, now)


def note_phase(state: ConnectionState, phase: int, payload: str, now: Moment) -> None:
    time, idle, thread = now
    recorder.put(record.connection_phase(time, idle, thread, state.id, phase, payload))


def note_closed(state: ConnectionState | None, is_error: bool = False) -> None:
    """With the layer above it, and the connection below it."""
    if state is None or state.id == 0:
        return
    layer, below = state.layer, state.below
    state.layer = state.below = None
    note_closed(layer, is_error)
    _close(state, is_error)
    note_closed(below, is_error)


def _close(state: ConnectionState, is_error: bool) -> None:
    if state.exchange is not None:
        state.exchange.end(is_closed=True)
    time, idle, thread = moment()
    recorder.put(record.close(time, idle, thread | (record.CLOSE_ERROR if is_error else 0), state.id))
    if state.role == ACCEPTED:
        accepted.forget(state)
    # Its number says nothing to the collector any more.
    state.role = IGNORED
    state.id = 0


connection_state.on_gone = note_closed


# ---- texts ----


def addresses_text(local: Any, remote: Any) -> str:
    """What `getsockname` and `getpeername` gave, as the payload of the phase `connected`."""
    parts = (*_address_parts("local", local), *_address_parts("remote", remote))
    return "{" + ",".join(parts) + "}"


def _address_parts(side: str, address: Any) -> tuple[str, ...]:
    if not isinstance(address, tuple):
        return ()
    parts: tuple[Any, ...] = address  # pyright: ignore[reportUnknownVariableType]
    if len(parts) < 2:
        return ()
    return (f'"{side}Address":{quoted(plain_address(parts[0]))}', f'"{side}Port":{int(parts[1])}')


def plain_address(address: Any) -> str:
    """The peer of a dual-stack socket is an IPv4 address in disguise; its other end calls it by the plain one."""
    text = str(address)
    return text[7:] if text.startswith("::ffff:") and "." in text else text
