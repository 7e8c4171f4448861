# Accepted connections by the address of their other end: how frameworks say which request they are working on. In: connections
# that open and close. Out: the connection of an address and port. Bounded: the oldest are forgotten.

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .connection_state import ConnectionState
    from .exchange import Exchange

    # Address and port, both as texts: servers say a port in both ways.
    Peer = tuple[str, str]

LIMIT = 20_000
_REMOTE = '"remoteAddress":"'
_PORT = '","remotePort":'

_by_peer: dict[Peer, ConnectionState] = {}
_peers: dict[int, Peer] = {}


def remember(state: ConnectionState, addresses: str) -> None:
    """`addresses`: its payload of the phase `connected` (patches/connections.py), with the other end behind all else."""
    start = addresses.find(_REMOTE)
    if start < 0:
        return
    address, _, port = addresses[start + len(_REMOTE) : -1].partition(_PORT)
    peer = state.peer = (address, port)
    # As servers for asyncio say it.
    state.client = (address, int(port)) if port.isdigit() else None
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
    address, port = str(address), str(port)
    state = _by_peer.get((address, port))
    if state is None and address.startswith("::ffff:"):
        # The agent writes an IPv4 address in disguise as a plain one: patches/connections.py.
        state = _by_peer.get((address[7:], port))
    return None if state is None else (state.layer or state).exchange
