# What patches of byte streams share: the bytes of one connection in records. In: what went out and came in. Out: write and read
# records; for accepted connections their requests. Functions here may raise: the wrappers around them catch. Not here: where the
# bytes come from (socket.py, ssl.py, uvloop.py), how connections open and end (connections.py).

from __future__ import annotations

from contextvars import ContextVar
from time import monotonic_ns, thread_time_ns

from .. import granted, record, recorder
from ..calls import sampled_call
from ..clock import SHORTEST_GAP_NS, local, thread_clock
from ..connection_state import ACCEPTED, CLIENT, IGNORED, ConnectionState
from ..context import NO_CONTEXT, set_context, variable
from ..coverage import note_not_visible
from ..imports import load
from ..record import PADDING, READ_TAIL_BYTES, pack_read, pack_write
from .connections import open_layer, tell_again

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..clock import Moment

# First byte of a TLS record that holds a handshake message (RFC 8446, 5.1).
_HANDSHAKE = b"\x16\x03"
_HANDSHAKE_START = _HANDSHAKE[:1]
_CLIENT_HELLO = 1

# A TLS object whose ClientHello is about to be written by this task or thread, and since when.
handshaking: ContextVar[tuple[Any, Moment] | None] = ContextVar("wiretime.handshaking", default=None)

_LONGEST_CAPTURE = record.WRITE_CAPTURE_BYTES
# Longer reads are recorded with a hole.
_WHOLE_READ = record.READ_HEAD_BYTES + READ_TAIL_BYTES
_WHOLE_ANSWER = record.ANSWER_HEAD_BYTES + READ_TAIL_BYTES
# A client that writes on and on without an answer does not wait for one: it publishes.
PATIENCE_NS = 5_000_000_000
# Larger writes are counted at once (sink.py).
LARGE_BYTES = 2048
# Of one write: 12 bytes each, so that they fit a record.
CONTEXT_LIMIT = 1000

_local = local
# The context, or a connection that is asked as one.
_context = variable.get
_set_context = variable.set


def note_written(state: ConnectionState, data: Any, size: int, now: Moment | None = None) -> None:
    """The first `size` bytes of `data` went out, since `now`; None: they go out now."""
    role = state.role
    if role == IGNORED:
        return
    if data.__class__ is not bytes:
        data = as_bytes(data, _LONGEST_CAPTURE)
    if role == ACCEPTED:
        if state.exchange is not None:
            time = monotonic_ns() if now is None else now[0]
            state.exchange.wrote(time, data if len(data) <= size else data[:size], size)
        return
    if now is None:
        # `moment()`, written out.
        try:
            clock = _local.clock
        except AttributeError:
            clock = thread_clock()
        time = monotonic_ns()
        if clock.loops == 0 and time - clock.time > SHORTEST_GAP_NS:
            clock.idle = time - thread_time_ns() - clock.busy_offset
        clock.time = time
        now = (time, clock.idle, clock.thread_bits)
    time, idle, thread = now
    if not state.is_tls and data[:1] == _HANDSHAKE_START and is_client_hello(data):
        return _begin_tls(state)
    if state.epoch != recorder.epoch:
        _tell_before_write(state, now)
    if state.queued:
        return _note_queued(state, data, size, now)
    context = _context()
    request = context.request
    call = context.call
    if call == 0:
        if granted.by_connection or granted.waiting:
            call = granted.take(state.id)
        if call == 0 and time >= state.sampling.next_at:
            call = sampled_call(request, state.sampling, now)
    state.is_answer_due = True
    captured = size if size < _LONGEST_CAPTURE else _LONGEST_CAPTURE
    if len(data) != captured:
        data = data[:captured]
        captured = len(data)
    length = 52 + captured
    head = pack_write(
        length + -length % 8, 3, thread, time, idle, state.id, size, captured, 1, 0, request, call
    )
    if captured > LARGE_BYTES:
        return recorder.put_large(b"".join((head, data, PADDING[length % 8])))
    recorder.put(b"".join((head, data, PADDING[length % 8])))


def _tell_before_write(state: ConnectionState, now: Moment) -> None:
    """
    A write of a client, in an epoch in which it was not told: told now if it begins something. While an answer is due it may not, and
    that answer would be taken for the answer to this write.
    """
    if state.due_epoch != recorder.epoch:
        state.due_epoch = recorder.epoch
        state.due_since = now[0]
    if not state.is_answer_due or now[0] - state.due_since > PATIENCE_NS:
        tell_again(state, now)


def _note_queued(state: ConnectionState, data: bytes, size: int, now: Moment) -> None:
    """Bytes that had to wait: of those who wrote them, not of who sends them now."""
    contexts: list[tuple[int, int, int]] = []
    offset = 0
    while offset < size and state.queued:
        waiting, request, call = state.queued[0]
        contexts.append((offset, request, call))
        if waiting > size - offset:
            state.queued[0] = (waiting - (size - offset), request, call)
        else:
            del state.queued[0]
        offset += waiting
    if len(contexts) > CONTEXT_LIMIT:
        contexts[CONTEXT_LIMIT - 1 :] = [(contexts[CONTEXT_LIMIT - 1][0], record.HIDDEN_REQUEST, 0)]
    time, idle, thread = now
    state.is_answer_due = True
    recorder.put_large(record.write_contexts(time, idle, thread, state.id, contexts, data, size))


def note_read(state: ConnectionState, data: Any, size: int) -> None:
    """The first `size` bytes of `data` came in, now."""
    # `moment()`, written out: a function less to call is a microsecond less in a server at work (decision 29).
    try:
        clock = _local.clock
    except AttributeError:
        clock = thread_clock()
    time = monotonic_ns()
    if clock.loops == 0 and time - clock.time > SHORTEST_GAP_NS:
        clock.idle = time - thread_time_ns() - clock.busy_offset
    clock.time = time
    if state.role == CLIENT:
        if data.__class__ is not bytes:
            data = memoryview(data)
            if data.ndim != 1 or data.itemsize != 1:
                data = data.cast("B")
        longest = _WHOLE_READ
        if state.is_answer_due:
            state.is_answer_due = False
            longest = _WHOLE_ANSWER
        if size > longest:
            head_bytes = longest - READ_TAIL_BYTES
            return recorder.put(
                record.read(time, clock.idle, clock.thread_bits, state.id, data, size, head_bytes)
            )
        if len(data) != size:
            data = data[:size]
        length = 40 + size
        head = pack_read(
            length + -length % 8, 4, clock.thread_bits, time, clock.idle, state.id, size, size, 0
        )
        recorder.put(b"".join((head, data, PADDING[length % 8])))
    elif state.role == ACCEPTED and size > 0:
        exchange = state.exchange
        if exchange is None or exchange.has_written:
            # Not recorded: the head is all that matters.
            head = data if data.__class__ is bytes else as_bytes(data, min(size, _LONGEST_CAPTURE))
            exchange = _begin_exchange(state, head, (time, clock.idle, clock.thread_bits))
        elif exchange.needs_head:
            exchange.received(data if data.__class__ is bytes else as_bytes(data, size))
        if exchange is not None:
            # What runs in this thread, or in the context of this callback, now works for it.
            _set_context(exchange)


# The module `exchange`, once there is a server: it loads `re`, and an import statement takes half a microsecond each time.
_exchanges: Any = None


def _load_exchanges() -> Any:
    global _exchanges
    _exchanges = load("wiretime.exchange")
    return _exchanges


def _begin_exchange(state: ConnectionState, head: bytes, now: Moment) -> Any:
    """What is asked now; None: what it is cannot be known."""
    exchanges = _exchanges or _load_exchanges()
    before = state.exchange
    if before is not None and not before.is_ended:
        before.end()
    if state.is_plain_server:
        return before
    if state.epoch != recorder.epoch and exchanges.looks_like_request(head):
        tell_again(state, now)
    exchange = exchanges.begun_by(head, state.id, now, state.peer, state.client)
    if exchange is not None:
        state.exchange = exchange
        return exchange
    if not state.is_tls and is_client_hello(head):
        state.role = IGNORED
        set_context(state)
        return before
    state.is_plain_server = True
    set_context(NO_CONTEXT if before is None else before)
    if head.startswith(b"PRI * HTTP/2"):
        note_not_visible("http2 server")
    return before


def _begin_tls(state: ConnectionState) -> None:
    """A ClientHello: whose is it?"""
    pending = handshaking.get()
    if pending is None:
        state.role = IGNORED
        note_not_visible("TLS outside ssl")
        return
    owner, since = pending
    handshaking.set(None)
    open_layer(owner, state, False, since)


def is_client_hello(data: bytes) -> bool:
    """Version 3.1 to 3.4 of a record that holds a ClientHello. A packet of MySQL of 22 or 790 bytes begins with the same bytes."""
    return len(data) > 5 and data[:2] == _HANDSHAKE and 1 <= data[2] <= 4 and data[5] == _CLIENT_HELLO


def as_bytes(data: Any, limit: int) -> bytes:
    """A copy of at most `limit` bytes of whatever has bytes."""
    if data.__class__ is memoryview and data.nbytes <= limit:
        return data.tobytes()
    return bytes(_view(data)[:limit])


def size_of(data: Any) -> int:
    """Of whatever has bytes. @raises TypeError: it has none."""
    if data.__class__ is bytes:
        return len(data)
    return data.nbytes if data.__class__ is memoryview else memoryview(data).nbytes


def _view(data: Any) -> memoryview:
    view = memoryview(data)
    return view if view.ndim == 1 and view.itemsize == 1 else view.cast("B")
