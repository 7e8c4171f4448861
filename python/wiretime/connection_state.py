# What the agent knows about one connection. In: sockets and transports. Out: their states, found by the object; nothing is put
# on sockets (`socket.socket` has slots). Not here: patches; which bytes are recorded (patches/noting.py).

from __future__ import annotations

from _weakref import ref
from itertools import count

from . import guard
from .call_site import sampling_of
from .context import NO_CONTEXT, Context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .call_site import Sampling
    from .exchange import Exchange

# Opening, closing, addresses and bytes are recorded.
CLIENT = 1
# Accepted by a server: opening, closing, addresses and requests are recorded, bytes are not.
ACCEPTED = 2
# Nothing (any more): the agent's own, sockets that are no connection, and what lies below a TLS layer.
IGNORED = 3

# Descriptors that were taken out of a socket, and wait to come back in another one.
HANDED_OVER_LIMIT = 1000

next_connection = count(1).__next__


class ConnectionState:
    """One connection, or a TLS layer on one."""

    __slots__ = (
        "addresses",
        "asked",
        "below",
        "client",
        "descriptor",
        "due_epoch",
        "due_since",
        "epoch",
        "exchange",
        "flags",
        "id",
        "is_answer_due",
        "is_connected",
        "is_plain_server",
        "is_secured",
        "is_tls",
        "layer",
        "peer",
        "queued",
        "reference",
        "role",
        "sampling",
        "target",
    )

    # As a context has them.
    call = 0
    is_exchange = False

    def __init__(self, role: int, target: str = "") -> None:
        self.id = next_connection() if role != IGNORED else 0
        self.role = role
        # For sampling call sites of drivers without a patch.
        self.target = target
        self.sampling: Sampling = sampling_of(target)
        # In which the collector was told that it is open (recorder.py), and what: flags, and two payloads.
        self.epoch = -1
        self.flags = 0
        self.asked = "{}"
        self.addresses = ""
        # The other end, of accepted ones (accepted.py).
        self.peer: tuple[str, str] | None = None
        self.client: tuple[str, int] | None = None
        # The first write in an epoch in which it was not told, and when that was, ns.
        self.due_epoch = -1
        self.due_since = 0
        self.reference: Any = None
        self.descriptor = -1
        self.is_connected = False
        # The next bytes that are read begin an answer.
        self.is_answer_due = False
        # Whose bytes wait in a transport's buffer: how many, request, call; oldest first.
        self.queued: list[tuple[int, int, int]] = []
        # The bytes are what TLS protects. Below such a layer they are encrypted, and IGNORED.
        self.is_tls = False
        self.is_secured = False
        self.layer: ConnectionState | None = None
        self.below: ConnectionState | None = None
        # The request being worked on; the last one, between two.
        self.exchange: Exchange | None = None
        # Accepted, but what it reads is no HTTP/1: its requests are not known.
        self.is_plain_server = False

    @property
    def request(self) -> int:
        """As a context has it."""
        return self.current_context().request

    def current_context(self) -> Context:
        """Of the request that is being worked on here, as far as its beginning was seen."""
        exchange = (self.layer or self).exchange
        return NO_CONTEXT if exchange is None else exchange


class _Reference(ref):  # type: ignore[type-arg]
    """Says which entry to remove when its socket is gone."""

    __slots__ = ("key",)


_states: dict[int, ConnectionState] = {}
# What hooks call for every chunk: the state under the `id` of a socket.
find = _states.get
# Of the parent process, by socket; connections of the child until they are used.
_inherited: dict[int, ConnectionState] = {}
_handed_over: dict[int, ConnectionState] = {}
_by_descriptor: dict[int, ConnectionState] = {}

IGNORED_STATE = ConnectionState(IGNORED)


def state_of(owner: object) -> ConnectionState | None:
    return find(id(owner))


def set_state(owner: object, state: ConnectionState, descriptor: int = -1) -> None:
    """From now on this socket (transport, TLS object) is that connection."""
    key = id(owner)
    if state.reference is None and state is not IGNORED_STATE:
        reference = _Reference(owner, _gone)
        reference.key = key
        state.reference = reference
    _states[key] = state
    if descriptor >= 0:
        state.descriptor = descriptor
        _by_descriptor[descriptor] = state


def ignore(owner: object) -> None:
    """Takes no notes about this socket."""
    set_state(owner, ConnectionState(IGNORED))


def remove_state(owner: object) -> ConnectionState | None:
    state = _states.pop(id(owner), None)
    if state is not None:
        _forget(state)
    return state


def _forget(state: ConnectionState) -> None:
    state.reference = None
    if _by_descriptor.get(state.descriptor) is state:
        del _by_descriptor[state.descriptor]


def by_descriptor(descriptor: int) -> ConnectionState | None:
    return _by_descriptor.get(descriptor)


def hand_over(descriptor: int, state: ConnectionState) -> None:
    """The descriptor leaves its socket: the next socket on it goes on with the connection."""
    if len(_handed_over) >= HANDED_OVER_LIMIT:
        _handed_over.pop(next(iter(_handed_over)), None)
    _handed_over[descriptor] = state


def take_over(descriptor: int) -> ConnectionState | None:
    return _handed_over.pop(descriptor, None)


def inherited(owner: object) -> ConnectionState | None:
    """What the parent process knew of this socket."""
    state = _inherited.pop(id(owner), None)
    is_same = state is not None and state.reference is not None and state.reference() is owner
    return state if is_same else None


def after_fork_in_child() -> None:
    """The child says of each connection anew that it is open, when it uses it."""
    _inherited.clear()
    _inherited.update(_states)
    _states.clear()
    _by_descriptor.clear()


def states() -> list[ConnectionState]:
    """For tests."""
    return list(_states.values())


def _gone(reference: Any) -> None:
    """A socket was collected without being closed; its descriptor may be in use again already."""
    state = _states.pop(reference.key, None)
    if state is None:
        return
    try:
        _forget(state)
        if guard.active and on_gone is not None:
            on_gone(state)
    except Exception as error:
        guard.fail(error)


# Called with the state of a socket that nobody closed.
on_gone: Any = None
