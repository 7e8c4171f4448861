# Operations of drivers that bypass Python's sockets. In: the driver's own calls, from patches of drivers. Out: `call` and
# `driverOperation` records. Nothing of the wire is known: no phases, no bytes. Statements go as the application wrote them;
# the collector takes the values out. Functions here never raise.

from __future__ import annotations

from time import monotonic_ns, thread_time_ns

from . import granted, guard, process_end, record, recorder
from .call_site import sampling_of, site_within_budget
from .calls import next_call, note_call
from .clock import SHORTEST_GAP_NS, local, moment, thread_clock
from .connection_state import next_connection
from .context import current_context, variable
from .coverage import note_hooked
from .record import (
    DRIVER_FAILED,
    DRIVER_VALUES,
    UNKNOWN_ROWS,
    pack_call_and_driver_operation,
    pack_driver_operation,
    pack_value_hash,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .call_site import Sampling

    # An operation under way: when it began and how idle its thread was then, both in ns; the bits of that thread; its request; its
    # call, 0 when it will be told with the operation. A tuple: half of the cost of an object.
    Begun = tuple[int, int, int, int, int]

# Statements without placeholders may be all different, and call sites are remembered by statement.
PLAIN_KEY_CHARS = 40
STATEMENT_CHARS = record.TEXT_LIMIT_BYTES + 1
NAME_CHARS = 200
SQLSTATE_CHARS = 5
# Statements whose bytes are kept, of all databases: 1000 of 1000 characters are 1 to 4 MB at most.
STATEMENT_LIMIT = 1000
KEPT_CHARS = 1000
# A process has a few; nothing is kept of others.
DATABASE_LIMIT = 20

_get = variable.get
_local = local
# One thread does many things at once (patches/greenlets.py).
has_greenlets = False


def install(name: str) -> None:
    """A driver is patched now. A program with a database in a file may use no socket at all."""
    recorder.start()
    process_end.install()
    note_hooked(name + " (without wire phases)")


class _Statement:
    """What the records of all operations with this statement have in common."""

    __slots__ = ("flags", "sampling", "texts")

    def __init__(self, peer: Peer, text: str, has_values: bool) -> None:
        # With those of an operation that went well.
        self.texts = peer.texts(text, "")
        self.flags = record.DRIVER_CUT if record.is_cut(text) else 0
        self.flags |= record.DRIVER_FORMAT if has_values else 0
        key = text if has_values else text[:PLAIN_KEY_CHARS]
        self.sampling: Sampling = sampling_of(key or peer.protocol)


class Peer:
    """One connection of a driver, and what it is connected to."""

    __slots__ = ("connection", "last_end", "plain", "protocol", "tail", "with_values")

    def __init__(self, protocol: str, address: str, database: str, is_shared: bool = False) -> None:
        """
        `address`: host:port, path of a socket or name of a file. `is_shared`: the driver does many things at once over connections
        that nobody can tell apart.
        """
        self.protocol = protocol
        # What its records have behind the error.
        self.tail = record.text(address[:NAME_CHARS]) + record.text(database[:NAME_CHARS])
        self.connection = 0 if is_shared else next_connection()
        # When the last operation on it ended: one may have another in it (`BEGIN`).
        self.last_end = 0
        # What is known of statements without and with values, shared by all connections to this database.
        self.plain, self.with_values = _statements_of((protocol, self.tail))

    def texts(self, statement: str, error: str) -> bytes:
        return record.driver_texts((self.protocol, statement, error), self.tail)

    def statement(self, statement: Any, has_values: bool) -> _Statement:
        """What is known of it; texts that are likely to come again are kept."""
        text = text_of(statement)
        known = self.with_values if has_values else self.plain
        found = known.get(text)
        if found is None:
            found = _Statement(self, text, has_values)
            if len(text) <= KEPT_CHARS and self.plain is not _none_kept[0]:
                _make_room()
                known[text] = found
        return found


_databases: dict[tuple[str, bytes], tuple[dict[str, _Statement], dict[str, _Statement]]] = {}
# Of databases beyond the limit.
_none_kept: tuple[dict[str, _Statement], dict[str, _Statement]] = ({}, {})


def _make_room() -> None:
    if sum(len(plain) + len(with_values) for plain, with_values in _databases.values()) < STATEMENT_LIMIT:
        return
    for plain, with_values in _databases.values():
        plain.clear()
        with_values.clear()


def _statements_of(database: tuple[str, bytes]) -> tuple[dict[str, _Statement], dict[str, _Statement]]:
    statements = _databases.get(database)
    if statements is None:
        if len(_databases) >= DATABASE_LIMIT:
            return _none_kept
        statements = _databases[database] = ({}, {})
    return statements


def begin(peer: Peer, statement: Any, has_values: bool = False) -> Begun | None:
    """The driver is about to be called; this thread does nothing else until it answers. `has_values`: as for `end`."""
    if has_greenlets:
        return begin_aside(peer, statement, has_values)
    if not guard.active:
        return None
    try:
        # `moment()`, written out: a function less to call is a microsecond less in a server at work (decision 29).
        try:
            clock = _local.clock
        except AttributeError:
            clock = thread_clock()
        time = monotonic_ns()
        if clock.loops == 0 and time - clock.time > SHORTEST_GAP_NS:
            clock.idle = time - thread_time_ns() - clock.busy_offset
        clock.time = time
        call = granted.take(peer.connection) if granted.by_connection or granted.waiting else 0
        return (time, clock.idle, clock.thread_bits, _get().request, call)
    except Exception as error:
        guard.fail(error)
        return None


def begin_aside(peer: Peer, statement: Any, has_values: bool = False) -> Begun | None:
    """The same where the thread may do other things meanwhile, or the end is told later: the call is told at once."""
    if not guard.active:
        return None
    try:
        time, idle, thread = moment()
        request = _get().request
        call = granted.take(peer.connection)
        if call == 0:
            call = next_call()
            site = site_within_budget(peer.statement(statement, has_values).sampling, time)
            recorder.put(record.call(time, idle, thread, call, request, site))
        return (time, idle, thread, request, call)
    except Exception as error:
        guard.fail(error)
        return None


def end(
    peer: Peer,
    begun: Begun | None,
    statement: Any,
    has_values: bool = False,
    rows: Any = -1,
    error: BaseException | None = None,
    at: int = 0,
    values: Any = None,
) -> None:
    """
    The driver has answered, or raised `error`. `has_values`: they were given apart from the statement. `at`: when that was, ns; 0: now.
    `values`: told is only whether they are the same as those of another call.
    """
    if begun is None or not guard.active:
        return
    try:
        if statement.__class__ is not str:
            statement = text_of(statement)
        known = (peer.with_values if has_values else peer.plain).get(statement)
        if known is None:
            known = peer.statement(statement, has_values)
        start, idle_before, thread_before, request, call = begun
        # `moment()`, written out, with whether this thread has had none since `start`.
        try:
            clock = _local.clock
        except AttributeError:
            clock = thread_clock()
        is_next = clock.time == start
        time = monotonic_ns()
        if clock.loops == 0 and time - clock.time > SHORTEST_GAP_NS:
            clock.idle = time - thread_time_ns() - clock.busy_offset
        clock.time = time
        idle = clock.idle
        thread = clock.thread_bits
        at = at or time
        first = start
        if peer.connection != 0:
            if start < peer.last_end <= at:
                first = peer.last_end
            peer.last_end = at
        texts = known.texts
        flags = known.flags | thread
        if error is not None:
            texts = peer.texts(statement, code_of(error))
            flags |= DRIVER_FAILED
        if rows.__class__ is not int or not 0 <= rows < UNKNOWN_ROWS:
            rows = UNKNOWN_ROWS
        if values is not None:
            # `hash_of`, written out, for what most programs give.
            kind = values.__class__
            try:
                if kind is list or kind is tuple:
                    value_hash = hash(tuple(values)) & 0xFFFFFFFF
                else:
                    value_hash = hash_of(values)
            except Exception:  # what a program's own class does is not known
                value_hash = 0
            if value_hash != 0:
                flags |= DRIVER_VALUES
                texts += pack_value_hash(value_hash, 0)
        length = 56 + len(texts)
        if call == 0:
            call = next_call()
            sampling = known.sampling
            site = 0 if start < sampling.next_at else site_within_budget(sampling, start)
            # What this thread noted meanwhile stands before it: how idle it was is told in order, or not at all.
            if not is_next:
                idle_before = -1
            packed = pack_call_and_driver_operation(
                40, 9, thread_before, start, idle_before, call, request, site, 0,
                length, 15, flags, time, idle, first, at, request, call, peer.connection, rows,
            )  # fmt: skip
        else:
            packed = pack_driver_operation(
                length, 15, flags, time, idle, first, at, request, call, peer.connection, rows
            )
        recorder.put(packed + texts)
    except Exception as own:
        guard.fail(own)


def begin_set_up(protocol: str) -> Begun | None:
    """The driver is about to connect: for the call that waits for a pool, or for itself."""
    if not guard.active:
        return None
    try:
        context = current_context()
        now = moment()
        call = context.call or note_call(context.request, protocol + " connect", now)
        return (*now, context.request, call)
    except Exception as error:
        guard.fail(error)
        return None


def end_set_up(peer: Peer, begun: Begun | None, error: BaseException | None = None) -> None:
    """The driver is connected, or raised `error`."""
    if begun is None or not guard.active:
        return
    try:
        start, _, _, request, call = begun
        time, idle, thread = moment()
        peer.last_end = time
        flags = thread | record.DRIVER_SET_UP | (0 if error is None else DRIVER_FAILED)
        texts = peer.texts("connect", "" if error is None else code_of(error))
        packed = pack_driver_operation(
            56 + len(texts), 15, flags, time, idle, start, time, request, call, peer.connection, UNKNOWN_ROWS
        )
        recorder.put(packed + texts)
    except Exception as own:
        guard.fail(own)


def hash_of(values: Any) -> int:
    """32 bits; 0: values of which nobody can tell whether they are the same. Texts have another hash in each process."""
    try:
        if values.__class__ is dict:
            values = tuple(values.items())
        elif values.__class__ is list:
            values = tuple(values)
        return hash(values) & 0xFFFFFFFF
    except Exception:  # what a program's own class does is not known
        return 0


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
    is_state = type(error).__module__ == "pyodbc" and isinstance(first, str) and len(first) == SQLSTATE_CHARS
    return str(first) if isinstance(first, int) or is_state else type(error).__name__
