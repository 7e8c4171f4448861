# One incoming HTTP/1 request and its response, as their bytes pass. In: what an accepted connection read and wrote.
# Out: `requestStart` and `requestEnd` records. Only the heads are looked at, and only for: method, target, Host, trace headers,
# status, and where the response ends. Not here: sockets (connection_state.py), routes (patches of frameworks set `route`).

from __future__ import annotations

import re
from itertools import count
from time import monotonic_ns, thread_time_ns

from . import record, recorder
from .clock import SHORTEST_GAP_NS, local, thread_clock
from .context import Context
from .record import PADDING, pack_end, pack_two

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .clock import Moment
    from .trace import Trace

# Servers refuse longer heads: gunicorn at 8 KiB a line, h11 at 16 KiB, http.server at 64 KiB.
HEAD_LIMIT_BYTES = 16 * 1024

_REQUEST_LINE = re.compile(rb"([A-Z][A-Z-]{2,19}) (\S+) HTTP/1\.[01]\r?\n")
_MAY_BECOME_REQUEST_LINE = re.compile(rb"[A-Z]{1,20}( \S*( H?T?T?P?[/\d.]*\r?)?)?\Z")
_MULTI_B3 = (b"x-b3-traceid", b"x-b3-spanid", b"x-b3-sampled", b"x-b3-parentspanid")
_HEAD_END = b"\r\n\r\n"
# Of "Transfer-Encoding", and a length, as servers write them; what is written otherwise `_find_end` finds.
_CODING = b"ransfer-"
_length_in = re.compile(rb"\r\n[Cc]ontent-[Ll]ength:[ \t]*(\d{1,18})[ \t]*\r\n").search
_LAST_CHUNK = b"\r\n0\r\n\r\n"
# Neither traceparent nor b3.
_NO_TRACE = record.latin_text(b"") * 2

# How the end of a response is found.
_BY_CLOSE = -1
_BY_CHUNK = -2

_counter = count(1)
next_request = _counter.__next__


def requests_so_far() -> int:
    """As `calls_so_far` (calls.py)."""
    return int(repr(_counter)[len("count(") : -1]) - 1


def looks_like_request(data: bytes) -> bool:
    """Whether the first bytes of an exchange can be the head of an HTTP/1 request."""
    return _REQUEST_LINE.match(data) is not None or _MAY_BECOME_REQUEST_LINE.match(data) is not None


def begun_by(
    data: bytes, connection: int, now: Moment, peer: object = None, client: object = None
) -> Exchange | None:
    """
    What begins with these first bytes; None: they cannot be the head of an HTTP/1 request. `peer`, `client`: the other end of its
    connection, as accepted.py knows it.
    """
    line = _REQUEST_LINE.match(data)
    if line is None and _MAY_BECOME_REQUEST_LINE.match(data) is None:
        return None
    exchange = Exchange(connection, now, peer)
    exchange.client = client
    if line is not None and b"\r\n\r\n" in data:
        exchange._record_start(data, line)  # pyright: ignore[reportPrivateUsage]
    else:
        exchange.received(data)
    return exchange


class Exchange(Context):
    """
    The context of what works for it, too: two objects that know each other would wait for the garbage collector, on every request.
    """

    is_exchange = True
    # What is not set below is as here until bytes say otherwise: setting all of it for each request took a microsecond.
    # Set by frameworks.
    route = ""
    # What answers it, where the framework's patch knows it: a function, whose class may be said on it.
    view: object = None
    # As `peer`, with a number for a port.
    client: object = None
    is_ended = False
    # A response was begun; `100 Continue` does not count.
    has_written = False
    # Its beginning is told when the head is complete.
    needs_head = True
    _head = b""
    _is_head_request = False
    # ns; -1 until the first byte of the response is written.
    _first_byte_at = -1
    _last_write = 0
    _status = 0
    _response_head: bytes | None = b""
    # Bytes of the response's body that are still to come, or how else it ends.
    _missing = _BY_CLOSE
    _tail = b""
    # The trace it belongs to, once somebody is told of it (trace.py); traceparent and b3 as they came.
    trace: Trace | None = None
    trace_headers = ("", "")

    def __init__(self, connection: int, now: Moment, peer: object = None) -> None:
        self.request = next_request()
        self.call = 0
        self.connection = connection
        self.peer = peer
        self._start = now

    @property
    def exchange(self) -> Exchange:  # type: ignore[override]
        return self

    # ---- the request ----

    def received(self, data: bytes) -> None:
        """More of the request's head was read."""
        head = self._head + data if self._head else data
        if b"\r\n\r\n" in head or len(head) >= HEAD_LIMIT_BYTES:
            self._record_start(head, _REQUEST_LINE.match(head))
        else:
            self._head = head

    def _record_start(self, head: bytes, line: re.Match[bytes] | None) -> None:
        """`line`: the first one of the head."""
        self.needs_head = False
        time, idle, thread = self._start
        end = head.find(b"\r\n\r\n")
        if end >= 0:
            head = head[: end + 2]
        else:
            # Told later than it happened: the thread's idle time has moved on.
            idle = -1
        method, target = line.groups() if line is not None else (b"", b"")
        if method == b"HEAD":
            self._is_head_request = True
        lower = head.lower()
        host = _value_of(head, lower, b"\nhost:")
        body = (
            (_known_texts.get(method) or _known_text(method))
            + record.latin_text(target)
            + (_known_texts.get(host) or _known_text(host))
        )
        # Nearly always neither is there.
        if b"\ntraceparent:" in lower or b"b3" in lower:
            body += self._trace_texts(head, lower)
        else:
            body += _NO_TRACE
        length = 32 + len(body)
        packed = pack_two(length + -length % 8, 7, thread, time, idle, self.request, self.connection)
        recorder.put(packed + body + PADDING[length % 8])

    def _trace_texts(self, head: bytes, lower: bytes) -> bytes:
        traceparent = _value_of(head, lower, b"\ntraceparent:")
        b3 = _b3_of(head, lower)
        self.trace_headers = (traceparent.decode("latin-1"), b3.decode("latin-1"))
        return record.latin_text(traceparent) + record.latin_text(b3)

    # ---- the response ----

    def wrote(self, time: int, data: bytes, size: int) -> None:
        """`size` bytes of the response, which begin with `data`, went out; the first at `time`."""
        if self.is_ended:
            return
        missing = self._missing
        if not self.has_written:
            if self.needs_head:
                self._record_start(self._head, _REQUEST_LINE.match(self._head))
            if data[:7] == b"HTTP/1.":
                code = data[9:12]
                if code[:1] == b"1":
                    return self._informed(time, data)
                self._status = int(code) if code.isdigit() else 0
            self.has_written = True
            self._first_byte_at = time
            # As nearly all begin: with a whole head that says how long the body is.
            end = data.find(_HEAD_END)
            length = _length_in(data, 0, end + 2) if end > 0 and len(data) == size else None
            if length is not None and data.find(_CODING, 0, end) < 0:
                self._response_head = None
                missing = int(length[1]) + end + 4 - size
                if missing <= 0 or self._has_no_body():
                    self._missing = 0
                    return self.end()
                self._missing = missing
                return
        if missing > 0:
            missing = self._missing = missing - size if missing > size else 0
        elif self._response_head is not None:
            missing = self._find_end(data, size)
        elif missing == _BY_CHUNK:
            self._tail = (self._tail + data[-7:] if len(data) == size else b"")[-7:]
        if missing == 0 or (missing == _BY_CHUNK and self._tail == _LAST_CHUNK):
            self.end()
        elif missing == _BY_CLOSE:
            self._last_write = monotonic_ns()

    def _has_no_body(self) -> bool:
        return self._is_head_request or self._status in (204, 304)

    def _informed(self, time: int, data: bytes) -> None:
        """An interim response; 101 ends the exchange: what follows is another protocol."""
        if data[9:12] != b"101":
            return
        self.has_written = True
        self._status = 101
        self._first_byte_at = time
        self._missing = 0
        self.end()

    def _find_end(self, data: bytes, size: int) -> int:
        """Gathers the head of the response, and looks there for how the body ends: what is missing, also kept."""
        head = self._response_head + data if self._response_head else data
        end = head.find(b"\r\n\r\n")
        if end < 0:
            # Too long, or no HTTP/1 at all: it ends with the connection or the next request.
            self._response_head = head if len(head) < HEAD_LIMIT_BYTES and len(data) == size else None
            return _BY_CLOSE
        self._response_head = None
        missing = 0
        if not self._has_no_body():
            lower = head[: end + 2].lower()
            # Chunks before a length: RFC 9112, 6.3.
            if b"\ntransfer-encoding:" in lower and b"chunked" in _value_of(
                lower, lower, b"\ntransfer-encoding:"
            ):
                missing = _BY_CHUNK
                self._tail = head[-7:] if len(data) == size else b""
            else:
                start = lower.find(b"\ncontent-length:") + 16
                length = lower[start : lower.find(b"\n", start)].strip() if start >= 16 else b""
                missing = _BY_CLOSE
                if length.isdigit():
                    missing = max(0, int(length) - (len(head) - len(data) + size - (end + 4)))
            # It ends as a request when it begins: how long it stays open says nothing about the server.
            if missing < 0 and b"\ncontent-type: text/event-stream" in lower:
                missing = 0
        self._missing = missing
        return missing

    def end(self, is_closed: bool = False) -> None:
        """The response is complete; or its connection closed, or a new request began on it. Later calls do nothing."""
        if self.is_ended:
            return
        self.is_ended = True
        if self.needs_head:
            line = _REQUEST_LINE.match(self._head)
            if line is None:
                return  # it only began like a request: libraries wake their own threads with a byte
            self._record_start(self._head, line)
        is_cut = is_closed and (not self.has_written or self._missing > 0 or self._missing == _BY_CHUNK)
        # `moment()`, written out.
        try:
            clock = local.clock
        except AttributeError:
            clock = thread_clock()
        time = monotonic_ns()
        if clock.loops == 0 and time - clock.time > SHORTEST_GAP_NS:
            clock.idle = time - thread_time_ns() - clock.busy_offset
        clock.time = time
        idle = clock.idle
        thread = clock.thread_bits
        if self._missing == _BY_CLOSE and self.has_written:
            # Only now it is known that it ended when it wrote for the last time; how idle the thread was then is not.
            time, idle = self._last_write, -1
        if is_cut:
            thread |= record.END_ABORTED
        route = _known_routes.get(self.route) or _known_route(self.route)
        length = 40 + len(route)
        head = pack_end(
            length + -length % 8, 8, thread, time, idle, self.request, self._status, self._first_byte_at
        )
        recorder.put(head + route + PADDING[length % 8])


# Methods, hosts and routes: a server knows a few of each. As texts of records.
_known_texts: dict[bytes, bytes] = {}
_known_routes: dict[str, bytes] = {}
_KNOWN_LIMIT = 200
_KNOWN_BYTES = 100


def _known_text(text: bytes) -> bytes:
    known = _known_texts.get(text)
    if known is None:
        known = record.latin_text(text)
        if len(_known_texts) >= _KNOWN_LIMIT:
            _known_texts.clear()
        if len(text) <= _KNOWN_BYTES:
            _known_texts[text] = known
    return known


def _known_route(route: str) -> bytes:
    packed = record.text(route)
    if len(_known_routes) >= _KNOWN_LIMIT:
        _known_routes.clear()
    if len(route) <= _KNOWN_BYTES:
        _known_routes[route] = packed
    return packed


def _value_of(head: bytes, lower: bytes, name: bytes) -> bytes:
    """Of the header that begins with `name` in `lower`; empty when there is none. 5 times as fast as a regular expression."""
    start = lower.find(name)
    if start < 0:
        return b""
    start += len(name)
    end = lower.find(b"\n", start)
    return head[start : end if end >= 0 else None].strip()


def _b3_of(head: bytes, lower: bytes) -> bytes:
    """The single header, or the multi headers as one: https://github.com/openzipkin/b3-propagation."""
    if b"b3" not in lower:
        return b""
    if b"\nb3:" in lower or b"\nx-b3-traceid:" not in lower:
        return _value_of(head, lower, b"\nb3:")
    return b"-".join(_value_of(head, lower, b"\n%b:" % name) for name in _MULTI_B3).rstrip(b"-")
