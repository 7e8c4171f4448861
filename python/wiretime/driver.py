# Operations of drivers that bypass Python's sockets. In: the driver's own calls, from patches of drivers. Out: `call` and
# `driverOperation` records. Nothing of the wire is known: no phases, no bytes. Statements go as the application wrote them;
# the collector takes the values out. Functions here never raise.

from __future__ import annotations

from time import monotonic_ns

from . import granted, guard, process_end, record, recorder
from .calls import new_call, note_call
from .clock import moment
from .connection_state import next_connection
from .context import current_context
from .coverage import note_hooked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Statements without placeholders may be all different, and call sites are remembered by statement.
PLAIN_KEY_CHARS = 40
STATEMENT_CHARS = record.TEXT_LIMIT_BYTES + 1
NAME_CHARS = 200
# Statements kept as bytes: 1000 of 1000 characters are 2 MB at most.
ENCODED_LIMIT = 1000
ENCODED_CHARS = 1000

_NO_TEXT = record.text("")
_encoded: dict[str, tuple[bytes, int]] = {}


def install(name: str) -> None:
    """A driver is patched now. A program with a database in a file may use no socket at all."""
    recorder.start()
    process_end.install()
    note_hooked(name + " (without wire phases)")


class Peer:
    """One connection of a driver, and what it is connected to."""

    __slots__ = ("connection", "head", "last_end", "protocol", "tail")

    def __init__(self, protocol: str, address: str, database: str, is_shared: bool = False) -> None:
        """
        `address`: host:port, path of a socket or name of a file. `is_shared`: the driver does many things at once over connections
        that nobody can tell apart.
        """
        self.protocol = protocol
        # What its records have before and behind the statement and the error.
        self.head = record.text(protocol)
        self.tail = record.text(address[:NAME_CHARS]) + record.text(database[:NAME_CHARS])
        self.connection = 0 if is_shared else next_connection()
        # When the last operation on it ended: one may have another in it (`BEGIN`).
        self.last_end = 0


class Begun:
    """An operation under way."""

    __slots__ = ("call", "flags", "request", "start", "statement")

    def __init__(self, request: int, call: int, statement: str, flags: int, start: int) -> None:
        self.request = request
        self.call = call
        self.statement = statement
        self.flags = flags
        # ns.
        self.start = start


def begin(peer: Peer, statement: Any, has_values: bool = False) -> Begun | None:
    """The driver is about to be called. `has_values`: they are given apart from the statement."""
    if not guard.active:
        return None
    try:
        is_plain = statement.__class__ is str and len(statement) < STATEMENT_CHARS
        text: str = statement if is_plain else text_of(statement)
        request = current_context().request
        now = moment()
        call = granted.take(peer.connection) if granted.by_connection or granted.has_next else 0
        if call == 0:
            key = text[:PLAIN_KEY_CHARS] if not has_values else text
            call = note_call(request, key or peer.protocol, now)
        return Begun(request, call, text, record.DRIVER_FORMAT if has_values else 0, now[0])
    except Exception as error:
        guard.fail(error)
        return None


def begin_set_up(protocol: str) -> Begun | None:
    """The driver is about to connect: for the call that waits for a pool, or for itself."""
    if not guard.active:
        return None
    try:
        context = current_context()
        call = context.call or new_call(protocol, protocol + " connect").call
        return Begun(context.request, call, "connect", record.DRIVER_SET_UP, monotonic_ns())
    except Exception as error:
        guard.fail(error)
        return None


def end(peer: Peer, begun: Begun | None, rows: Any = -1, error: BaseException | None = None) -> None:
    """The driver has answered, or raised `error`."""
    if begun is not None:
        finish(peer, begun, 0, rows, error)


def finish(peer: Peer, begun: Begun, end: int, rows: Any, error: BaseException | None = None) -> None:
    """As `end`, for an operation that ended at another time, in ns; 0: now."""
    if not guard.active:
        return
    try:
        time, idle, thread = moment()
        end = end or time
        is_behind = peer.connection != 0 and peer.last_end <= end
        start = max(begun.start, peer.last_end) if is_behind else begun.start
        peer.last_end = end
        flags = thread | begun.flags | (record.DRIVER_FAILED if error is not None else 0)
        numbers = (
            begun.request,
            begun.call,
            peer.connection,
            rows if isinstance(rows, int) else -1,
        )
        code = _NO_TEXT if error is None else record.text(code_of(error))
        statement, cut = _encoded.get(begun.statement) or _encode(begun.statement)
        texts = peer.head + statement + code + peer.tail
        recorder.put(record.driver_operation(time, idle, flags | cut, start, end, numbers, texts))
    except Exception as own:
        guard.fail(own)


def _encode(statement: str) -> tuple[bytes, int]:
    """As its record has it, and its flag. Those that are likely to come again are kept."""
    encoded = (record.text(statement), record.DRIVER_CUT if record.is_cut(statement) else 0)
    if len(_encoded) >= ENCODED_LIMIT:
        _encoded.clear()
    if len(statement) <= ENCODED_CHARS:
        _encoded[statement] = encoded
    return encoded


def text_of(statement: Any) -> str:
    """Texts that the driver would only compose when it runs are named by what they are."""
    if isinstance(statement, str):
        return statement[:STATEMENT_CHARS]
    if isinstance(statement, (bytes, bytearray)):
        return bytes(statement[:STATEMENT_CHARS]).decode("utf-8", "replace")
    return ""


def code_of(error: BaseException) -> str:
    """The database's own word for it: never its message, which may hold values."""
    for name in ("sqlstate", "pgcode", "sqlite_errorname"):
        code = getattr(error, name, None)
        if isinstance(code, str) and code:
            return code
    first = error.args[0] if error.args else None
    return str(first) if isinstance(first, int) else type(error).__name__
