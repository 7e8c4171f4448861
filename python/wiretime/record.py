# The bytes of records and batches. In: facts. Out: bytes as ../../src/record/FORMAT.md says; test/golden/ holds the proof.
# A record is packed when it is noted: bytes are nothing for the garbage collector to walk, and their memory can be counted.
# Not here: where records go (sink.py), what they mean.

from __future__ import annotations

from struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Union

    Buffer = Union[bytes, bytearray, memoryview]
    # Offset in the chunk, request, call.
    ContextEntry = tuple[int, int, int]

BATCH_HEADER_BYTES = 48

HELLO = 1
STATS = 13
GOODBYE = 14
DRIVER_OPERATION = 15

OPEN_ACCEPTED = 1
OPEN_TLS = 2
OPEN_UNIX = 4
OPEN_ALREADY = 16
WRITE_ORDERED = 1
CLOSE_ERROR = 1
END_ABORTED = 1
STREAM_GRPC = 1
STREAM_GRPC_STATUS = 1
LOOKS_BLOCKED_ONLY = 1
DRIVER_SET_UP = 1
DRIVER_FAILED = 2
DRIVER_CUT = 4
DRIVER_FORMAT = 8
DRIVER_VALUES = 16
UNKNOWN_ROWS = 0xFFFFFFFF
PHASE_RESOLVED = 1
PHASE_CONNECTED = 2
PHASE_SECURED = 3
PHASE_FAILED = 4

# The upper bits of the flags: which thread noted the record (FORMAT.md).
THREAD_SHIFT = 6
THREAD_LIMIT = 1 << (16 - THREAD_SHIFT)

NO_REQUEST = 0
HIDDEN_REQUEST = 0xFFFFFFFF

WRITE_CAPTURE_BYTES = 16 * 1024
READ_HEAD_BYTES = 512
READ_TAIL_BYTES = 64
# Of the first read after a write: heads of HTTP responses with cookies and a content security policy are 0.6-2 KB long.
ANSWER_HEAD_BYTES = 2048
# Longer texts are cut; longer JSON is replaced by `{}`, because a cut one means nothing.
TEXT_LIMIT_BYTES = 4 * 1024
JSON_LIMIT_BYTES = 24 * 1024

_MAGIC = 0x31525457
_VERSION = 1

# Length, kind, flags, time, idle; then the body.
_BATCH = Struct("<IHHIIddIIQ").pack
_HEADER = "<IHHdd"
_OPEN = Struct(_HEADER + "IIII").pack
_WRITE_MANY = Struct(_HEADER + "IIII").pack
_CONTEXT = Struct("<III").pack
# length, kind, flags, time, idle, and two numbers
pack_two = Struct(_HEADER + "II").pack
# and four of them
pack_four = Struct(_HEADER + "IIII").pack
# length, 8, flags, time, idle, request, status, first byte; then the route
pack_end = Struct(_HEADER + "IId").pack
_GC = Struct(_HEADER + "dII").pack
# Of the records that there are most of. Who notes them packs them: the call of a function for each would be a tenth of what they cost.
# length, 3, flags, time, idle, connection, size, captured, 1, 0, request, call; then bytes and PADDING
pack_write = Struct(_HEADER + "IIIIIII").pack
# length, 4, flags, time, idle, connection, size, head, tail; then bytes and PADDING
pack_read = Struct(_HEADER + "IIII").pack
# Behind both come texts.
# length, 15, flags, time, idle, start, end, request, call, connection, rows
pack_driver_operation = Struct(_HEADER + "ddIIII").pack
# hash of the values, 0; behind its texts
pack_value_hash = Struct("<II").pack
# 40, 9, flags, time, idle, call, request, call site, 0; and the above
pack_call_and_driver_operation = Struct(_HEADER + "IIII" + _HEADER[1:] + "ddIIII").pack
_STREAM_START = Struct(_HEADER + "IIIIII").pack
_STREAM_END = Struct(_HEADER + "IIddddII").pack
_LOOK = Struct("<dII").pack
_PLAIN = Struct(_HEADER).pack
_U32 = Struct("<I").pack
_NO_TEXT = _U32(0)

# Zeros up to the next multiple of 8, by the length modulo 8.
PADDING = tuple(bytes(-length % 8) for length in range(8))


def batch(
    records: Sequence[bytes],
    process_key: int,
    sequence: int,
    time: float,
    dropped_records: int,
    dropped_bytes: int,
) -> bytes:
    """A whole batch; `time` in ns."""
    length = BATCH_HEADER_BYTES + sum(map(len, records))
    header = _BATCH(
        _MAGIC,
        _VERSION,
        BATCH_HEADER_BYTES,
        length,
        sequence & 0xFFFFFFFF,
        process_key,
        time,
        min(dropped_records, 0xFFFFFFFF),
        min(dropped_bytes, 0xFFFFFFFF),
        0,
    )
    return header + b"".join(records)


def count_of(packed: bytes) -> int:
    """How many records these are: one, or a call and its operation."""
    count = offset = 0
    while offset < len(packed):
        offset += int.from_bytes(packed[offset : offset + 4], "little")
        count += 1
    return count


def json_record(kind: int, time: float, idle: float, flags: int, payload: str) -> bytes:
    """hello, stats and goodbye: `payload` is the text of one JSON object."""
    body = _json(payload)
    length = 24 + len(body)
    return _PLAIN(length + -length % 8, kind, flags, time, idle) + body + PADDING[length % 8]


def connection_open(
    time: float,
    idle: float,
    flags: int,
    connection: int,
    over: int,
    request: int,
    call: int,
    payload: str,
) -> bytes:
    body = _json(payload)
    length = 40 + len(body)
    head = _OPEN(length + -length % 8, 2, flags, time, idle, connection, over, request, call)
    return head + body + PADDING[length % 8]


def connection_phase(
    time: float, idle: float, flags: int, connection: int, phase: int, payload: str
) -> bytes:
    body = _json(payload)
    length = 32 + len(body)
    return (
        pack_two(length + -length % 8, 5, flags, time, idle, connection, phase) + body + PADDING[length % 8]
    )


def close(time: float, idle: float, flags: int, connection: int) -> bytes:
    return pack_two(32, 6, flags, time, idle, connection, 0)


def write(
    time: float, idle: float, flags: int, connection: int, request: int, call: int, data: Buffer, size: int
) -> bytes:
    """`size` bytes of one request were written, which begin with `data`."""
    captured = size if size < WRITE_CAPTURE_BYTES else WRITE_CAPTURE_BYTES
    if len(data) != captured:
        data = data[:captured]
        captured = len(data)
    length = 52 + captured
    head = pack_write(
        length + -length % 8, 3, flags, time, idle, connection, size, captured, 1, 0, request, call
    )
    return b"".join((head, data, PADDING[length % 8]))


def write_contexts(
    time: float,
    idle: float,
    flags: int,
    connection: int,
    contexts: Sequence[ContextEntry],
    data: Buffer,
    size: int,
) -> bytes:
    """The same for the bytes of many requests."""
    data = data[: min(size, WRITE_CAPTURE_BYTES)]
    length = 40 + 12 * len(contexts) + len(data)
    head = _WRITE_MANY(length + -length % 8, 3, flags, time, idle, connection, size, len(data), len(contexts))
    entries = b"".join(_CONTEXT(*context) for context in contexts)
    return b"".join((head, entries, data, PADDING[length % 8]))


def read(
    time: float,
    idle: float,
    flags: int,
    connection: int,
    data: Buffer,
    size: int,
    head_bytes: int = READ_HEAD_BYTES,
) -> bytes:
    """
    `size` bytes were read: `data` begins with them. `head_bytes`: how much of the beginning is captured, READ_HEAD_BYTES or
    ANSWER_HEAD_BYTES.
    """
    if size <= head_bytes + READ_TAIL_BYTES:
        if len(data) != size:
            data = data[:size]
        length = 40 + size
        head = pack_read(length + -length % 8, 4, flags, time, idle, connection, size, size, 0)
        return b"".join((head, data, PADDING[length % 8]))
    # All of these are multiples of 8.
    length = 40 + head_bytes + READ_TAIL_BYTES
    head = pack_read(length, 4, flags, time, idle, connection, size, head_bytes, READ_TAIL_BYTES)
    return b"".join((head, data[:head_bytes], data[size - READ_TAIL_BYTES : size]))


def request_start(
    time: float, idle: float, flags: int, request: int, connection: int, texts: Iterable[str]
) -> bytes:
    """`texts`: method, target, host, traceparent, b3."""
    body = b"".join(map(_text, texts))
    length = 32 + len(body)
    head = pack_two(length + -length % 8, 7, flags, time, idle, request, connection)
    return head + body + PADDING[length % 8]


def request_end(
    time: float, idle: float, flags: int, request: int, status: int, first_byte: float, route: str
) -> bytes:
    """`first_byte`: when the first byte of the response was written, ns; -1 unknown."""
    body = _text(route)
    length = 40 + len(body)
    head = pack_end(length + -length % 8, 8, flags, time, idle, request, status, first_byte)
    return head + body + PADDING[length % 8]


def call(time: float, idle: float, flags: int, call: int, request: int, call_site: int) -> bytes:
    return pack_four(40, 9, flags, time, idle, call, request, call_site, 0)


def grant(time: float, idle: float, flags: int, call: int) -> bytes:
    return pack_two(32, 10, flags, time, idle, call, 0)


def call_site(time: float, idle: float, flags: int, call_site: int, stack: str) -> bytes:
    body = _text(stack)
    length = 32 + len(body)
    return pack_two(length + -length % 8, 11, flags, time, idle, call_site, 0) + body + PADDING[length % 8]


def code_place(time: float, place: int, frames: str, called: str) -> bytes:
    """`frames`: as those of a call site; `called`: what the innermost of them had called."""
    body = _text(frames) + _text(called)
    length = 32 + len(body)
    return pack_two(length + -length % 8, 20, 0, time, -1, place, 0) + body + PADDING[length % 8]


def code_looks(time: float, flags: int, looks: Sequence[tuple[float, int, int]]) -> bytes:
    """Of each look: its time, the place, and for how many µs it stands."""
    body = b"".join(_LOOK(*look) for look in looks)
    return pack_two(32 + len(body), 21, flags, time, -1, len(looks), 0) + body


def gc(time: float, idle: float, flags: int, duration: float, kind: int) -> bytes:
    """`time`: its start; `duration` in ns."""
    return _GC(40, 12, flags, time, idle, duration, kind, 0)


def request_trace(time: float, idle: float, flags: int, request: int, traceparent: str) -> bytes:
    """What a request tells of its trace where the collector cannot read it. Once a request."""
    body = _text(traceparent)
    length = 32 + len(body)
    return pack_two(length + -length % 8, 19, flags, time, idle, request, 0) + body + PADDING[length % 8]


def driver_texts(texts: Iterable[str], tail: bytes) -> bytes:
    """
    `texts`: protocol, statement, error. `tail`: address and database, each made by `text`. With the padding behind them.
    Of a statement that does not fit `is_cut` says so.
    """
    body = b"".join(map(_text, texts)) + tail
    return body + PADDING[len(body) % 8]


def stream_start(
    time: float, idle: float, flags: int, stream: int, request: int, call: int, texts: Iterable[str]
) -> bytes:
    """On a connection that nobody sees. `texts`: method, target, host, traceparent as sent, gRPC timeout."""
    body = b"".join(map(_text, texts))
    length = 48 + len(body)
    head = _STREAM_START(length + -length % 8, 16, flags, time, idle, stream, 0, request, call, 0, 0)
    return head + body + PADDING[length % 8]


def stream_end(time: float, idle: float, flags: int, stream: int, grpc_status: int) -> bytes:
    """Nothing is known of its bytes."""
    return _STREAM_END(80, 18, flags, time, idle, stream, grpc_status, -1, -1, 0, 0, 0, 0) + _NO_TEXT * 2


def is_cut(text: str) -> bool:
    """Whether `text` leaves out its end."""
    return len(text) * 4 > TEXT_LIMIT_BYTES and len(text.encode("utf-8", "replace")) > TEXT_LIMIT_BYTES


def text(text: str) -> bytes:
    """As texts stand in records: length and UTF-8, cut to TEXT_LIMIT_BYTES."""
    return _text(text)


def latin_text(text: bytes) -> bytes:
    """The same for latin-1, as HTTP's heads are: nearly always ASCII, which needs no work."""
    if not text:
        return _NO_TEXT
    if len(text) > TEXT_LIMIT_BYTES or not text.isascii():
        return _text(text.decode("latin-1"))
    return _U32(len(text)) + text


def _text(text: str) -> bytes:
    encoded = text.encode("utf-8", "replace")
    if len(encoded) > TEXT_LIMIT_BYTES:
        encoded = encoded[:TEXT_LIMIT_BYTES].decode("utf-8", "ignore").encode("utf-8")
    return _U32(len(encoded)) + encoded


def _json(payload: str) -> bytes:
    encoded = payload.encode("utf-8", "replace")
    if len(encoded) > JSON_LIMIT_BYTES:
        encoded = b"{}"
    return _U32(len(encoded)) + encoded
