# Accepted connections by the address of their other end: how frameworks say which request they are working on. In: connections
# that open and close. Out: the connection of an address and port. Bounded: the oldest are forgotten.

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .connection_state import ConnectionState
    from .exchange import Exchange

LIMIT = 20_000
# Of the payload of the phase `connected` (patches/connections.py): everything from here on is the other end.
_REMOTE = '"remoteAddress"'

_by_peer: dict[str, ConnectionState] = {}
_peers: dict[int, str] = {}


def remember(state: ConnectionState, addresses: str) -> None:
    """`addresses`: its payload of the phase `connected`."""
    start = addresses.find(_REMOTE)
    if start < 0:
        return
    peer = addresses[start:]
    while len(_peers) >= LIMIT:
        _by_peer.pop(_peers.pop(next(iter(_peers))), None)
    _by_peer[peer] = state
    _peers[state.id] = peer


def forget(state: ConnectionState) -> None:
    peer = _peers.pop(state.id, None)
    if peer is not None and _by_peer.get(peer) is state:
        del _by_peer[peer]


def exchange_of(address: object, port: object) -> Exchange | None:
    """What is asked on the connection from there now. A number may be a text."""
    key = f'{_REMOTE}:"{address}","remotePort":{port}}}'
    state = _by_peer.get(key)
    if state is None:
        # The agent writes an IPv4 address in disguise as a plain one: patches/connections.py.
        state = _by_peer.get(key.replace('"::ffff:', '"', 1))
    return None if state is None else (state.layer or state).exchange
