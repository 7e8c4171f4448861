# One incoming HTTP/1 request and its response, as their bytes pass. In: what an accepted connection read and wrote.
# Out: `requestStart` and `requestEnd` records. Only the heads are looked at, and only for: method, target, Host, trace headers,
# status, and where the response ends. Not here: sockets (connection_state.py), routes (patches of frameworks set `route`).

from __future__ import annotations

import re
from itertools import count
from time import monotonic_ns

from . import record, recorder
from .clock import moment
from .context import Context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .clock import Moment
    from .trace import Trace

# Servers refuse longer heads: gunicorn at 8 KiB a line, h11 at 16 KiB, http.server at 64 KiB.
HEAD_LIMIT_BYTES = 16 * 1024

_REQUEST_LINE = re.compile(rb"([A-Z][A-Z-]{2,19}) (\S+) HTTP/1\.[01]\r?\n")
_MAY_BECOME_REQUEST_LINE = re.compile(rb"[A-Z]{1,20}( \S*( H?T?T?P?[/\d.]*\r?)?)?\Z")
_MULTI_B3 = (b"x-b3-traceid", b"x-b3-spanid", b"x-b3-sampled", b"x-b3-parentspanid")
_LAST_CHUNK = b"\r\n0\r\n\r\n"
_NO_TEXT = record.latin_text(b"")

# How the end of a response is found.
_BY_CLOSE = -1
_BY_CHUNK = -2

next_request = count(1).__next__


def looks_like_request(data: bytes) -> bool:
    """Whether the first bytes of an exchange can be the head of an HTTP/1 request."""
    return _REQUEST_LINE.match(data) is not None or _MAY_BECOME_REQUEST_LINE.match(data) is not None


def begun_by(data: bytes, connection: int, now: Moment) -> Exchange | None:
    """What begins with these first bytes; None: they cannot be the head of an HTTP/1 request."""
    line = _REQUEST_LINE.match(data)
    if line is None and _MAY_BECOME_REQUEST_LINE.match(data) is None:
        return None
    exchange = Exchange(connection, now)
    exchange.received(data, line)
    return exchange


class Exchange(Context):
    """
    The context of what works for it, too: two objects that know each other would wait for the garbage collector, on every request.
    """

    # What is not set below is as here until bytes say otherwise: setting all of it for each request took a microsecond.
    # Set by frameworks.
    route = ""
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

    def __init__(self, connection: int, now: Moment) -> None:
        self.request = next_request()
        self.call = 0
        self.connection = connection
        self._start = now

    @property
    def exchange(self) -> Exchange:  # type: ignore[override]
        return self

    # ---- the request ----

    def received(self, data: bytes, line: re.Match[bytes] | None = None) -> None:
        """More of the request's head was read. `line`: its first one, when that is known already."""
        head = self._head + data if self._head else data
        if b"\r\n\r\n" in head or len(head) >= HEAD_LIMIT_BYTES:
            self._record_start(head, line)
        else:
            self._head = head

    def _record_start(self, head: bytes, line: re.Match[bytes] | None = None) -> None:
        self.needs_head = False
        end = head.find(b"\r\n\r\n")
        if end >= 0:
            head = head[: end + 2]
        if line is None:
            line = _REQUEST_LINE.match(head)
        method, target = line.groups() if line is not None else (b"", b"")
        if method == b"HEAD":
            self._is_head_request = True
        lower = head.lower()
        host = _value_of(head, lower, b"\nhost:")
        # Nearly always neither is there.
        traceparent = _value_of(head, lower, b"\ntraceparent:") if b"\ntraceparent:" in lower else b""
        b3 = _b3_of(head, lower) if b"b3" in lower else b""
        if traceparent or b3:
            self.trace_headers = (traceparent.decode("latin-1"), b3.decode("latin-1"))
        text = record.latin_text
        texts = (
            _known_text(method),
            text(target),
            _known_text(host),
            text(traceparent) if traceparent else _NO_TEXT,
            text(b3) if b3 else _NO_TEXT,
        )
        time, idle, thread = self._start
        # Told later than it happened: the thread's idle time has moved on.
        idle = idle if end >= 0 else -1
        recorder.put(
            record.request_start_of(time, idle, thread, self.request, self.connection, b"".join(texts))
        )

    # ---- the response ----

    def wrote(self, time: int, data: bytes, size: int) -> None:
        """`size` bytes of the response, which begin with `data`, went out; the first at `time`."""
        if self.is_ended:
            return
        if self.needs_head:
            self._record_start(self._head)
        if not self.has_written:
            if data[:7] == b"HTTP/1.":
                if data[9:10] == b"1":
                    return self._informed(time, data)
                code = data[9:12]
                self._status = int(code) if code.isdigit() else 0
            self.has_written = True
            self._first_byte_at = time
        if self._response_head is not None:
            self._find_end(data, size)
        elif self._missing >= 0:
            self._missing -= size
        elif self._missing == _BY_CHUNK:
            self._tail = (self._tail + data[-7:] if len(data) == size else b"")[-7:]
        if self._missing == 0 or (self._missing == _BY_CHUNK and self._tail == _LAST_CHUNK):
            self.end()
        elif self._missing == _BY_CLOSE:
            self._last_write = monotonic_ns()

    def _informed(self, time: int, data: bytes) -> None:
        """An interim response; 101 ends the exchange: what follows is another protocol."""
        if data[9:12] != b"101":
            return
        self.has_written = True
        self._status = 101
        self._first_byte_at = time
        self._missing = 0
        self.end()

    def _find_end(self, data: bytes, size: int) -> None:
        """Gathers the head of the response, and looks there for how the body ends."""
        before = self._response_head
        head = before + data if before else data
        end = head.find(b"\r\n\r\n")
        if end < 0:
            # Too long, or no HTTP/1 at all: it ends with the connection or the next request.
            self._response_head = head if len(head) < HEAD_LIMIT_BYTES and len(data) == size else None
            return
        self._response_head = None
        if self._is_head_request or self._status in (204, 304):
            self._missing = 0
            return
        lower = head[: end + 2].lower()
        if b"chunked" in _value_of(lower, lower, b"\ntransfer-encoding:"):
            self._missing = _BY_CHUNK
            self._tail = head[-7:] if len(data) == size else b""
            return
        length = _value_of(lower, lower, b"\ncontent-length:")
        if length.isdigit():
            body = len(head) - len(data) + size - (end + 4)
            self._missing = max(0, int(length) - body)

    def end(self, is_closed: bool = False) -> None:
        """The response is complete; or its connection closed, or a new request began on it. Later calls do nothing."""
        if self.is_ended:
            return
        self.is_ended = True
        if self.needs_head:
            if _REQUEST_LINE.match(self._head) is None:
                return  # it only began like a request: libraries wake their own threads with a byte
            self._record_start(self._head)
        is_cut = is_closed and (not self.has_written or self._missing > 0 or self._missing == _BY_CHUNK)
        time, idle, thread = moment()
        if self._missing == _BY_CLOSE and self.has_written:
            # Only now it is known that it ended when it wrote for the last time; how idle the thread was then is not.
            time, idle = self._last_write, -1
        flags = thread | (record.END_ABORTED if is_cut else 0)
        recorder.put(
            record.request_end(time, idle, flags, self.request, self._status, self._first_byte_at, self.route)
        )


# Methods and hosts: a server knows a few of each. As texts of records.
_known_texts: dict[bytes, bytes] = {}
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
