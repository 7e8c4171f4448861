# Reads batches of records back, without the writer's code. In: bytes, cut anywhere. Out: one `Record` per record.
# Format: ../../src/record/FORMAT.md.

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any

KINDS = {
    1: "hello",
    2: "open",
    3: "write",
    4: "read",
    5: "phase",
    6: "close",
    7: "start",
    8: "end",
    9: "call",
    10: "grant",
    11: "site",
    12: "gc",
    13: "stats",
    14: "goodbye",
    15: "driver",
    16: "stream",
    18: "streamEnd",
    19: "trace",
    20: "place",
    21: "looks",
}


@dataclass
class Record:
    kind: str
    flags: int
    thread: int
    time: float
    idle: float
    process: int
    facts: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.facts[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass
class Batch:
    process: int
    sequence: int
    time: float
    dropped_records: int
    dropped_bytes: int
    records: list[Record]


class Reader:
    """One stream."""

    def __init__(self) -> None:
        self._kept = b""

    def feed(self, chunk: bytes) -> list[Batch]:
        self._kept += chunk
        batches: list[Batch] = []
        while len(self._kept) >= 48:
            length = struct.unpack_from("<I", self._kept, 8)[0]
            if len(self._kept) < length:
                break
            batches.append(read_batch(self._kept[:length]))
            self._kept = self._kept[length:]
        return batches


def read_batch(data: bytes) -> Batch:
    magic, version, header, length, sequence, process, time, dropped, dropped_bytes, zero = (
        struct.unpack_from("<IHHIIddIIQ", data)
    )
    assert (magic, version, header, length, zero) == (0x31525457, 1, 48, len(data), 0)
    records: list[Record] = []
    at = header
    while at < length:
        size = struct.unpack_from("<I", data, at)[0]
        assert size >= 24 and size % 8 == 0
        records.append(_read_record(data[at : at + size], int(process)))
        at += size
    assert at == length
    return Batch(int(process), sequence, time, dropped, dropped_bytes, records)


def _read_record(data: bytes, process: int) -> Record:
    kind, flags, time, idle = struct.unpack_from("<HHdd", data, 4)
    record = Record(KINDS[kind], flags & 63, flags >> 6, time, idle, process)
    record.facts = _FACTS[record.kind](data)
    return record


def _json(data: bytes, at: int = 24) -> dict[str, Any]:
    return {"payload": json.loads(_text(data, at)[0])}


def _text(data: bytes, at: int) -> tuple[str, int]:
    length = struct.unpack_from("<I", data, at)[0]
    return data[at + 4 : at + 4 + length].decode(), at + 4 + length


def _numbers(data: bytes, *names: str) -> dict[str, Any]:
    return dict(zip(names, struct.unpack_from(f"<{len(names)}I", data, 24)))


def _write(data: bytes) -> dict[str, Any]:
    facts = _numbers(data, "connection", "size", "captured", "count")
    contexts = [struct.unpack_from("<III", data, 40 + 12 * index) for index in range(facts["count"])]
    at = 40 + 12 * facts["count"]
    return {**facts, "contexts": contexts, "bytes": data[at : at + facts["captured"]]}


def _read(data: bytes) -> dict[str, Any]:
    facts = _numbers(data, "connection", "size", "head", "tail")
    middle = 40 + facts["head"]
    return {**facts, "head": data[40:middle], "tail": data[middle : middle + facts["tail"]]}


def _start(data: bytes) -> dict[str, Any]:
    facts = _numbers(data, "request", "connection")
    at = 32
    for name in ("method", "target", "host", "traceparent", "b3"):
        facts[name], at = _text(data, at)
    return facts


def _end(data: bytes) -> dict[str, Any]:
    request, status, first_byte = struct.unpack_from("<IId", data, 24)
    return {"request": request, "status": status, "first_byte": first_byte, "route": _text(data, 40)[0]}


def _gc(data: bytes) -> dict[str, Any]:
    duration, kind = struct.unpack_from("<dI", data, 24)
    return {"duration": duration, "gc_kind": kind}


def _driver(data: bytes) -> dict[str, Any]:
    start, end, request, call, connection, rows = struct.unpack_from("<ddIIII", data, 24)
    facts = {"start": start, "end": end, "request": request, "call": call, "connection": connection}
    facts["rows"] = -1 if rows == 0xFFFFFFFF else rows
    at = 56
    for name in ("protocol", "statement", "error", "address", "database"):
        facts[name], at = _text(data, at)
    return facts


def _stream(data: bytes) -> dict[str, Any]:
    facts = _numbers(data, "stream", "connection", "request", "call", "id")
    at = 48
    for name in ("method", "target", "host", "traceparent", "timeout"):
        facts[name], at = _text(data, at)
    return facts


def _stream_end(data: bytes) -> dict[str, Any]:
    written, last_byte = struct.unpack_from("<dd", data, 32)
    facts = _numbers(data, "stream", "grpc_status")
    return {**facts, "written": written, "last_byte": last_byte, "error": _text(data, 72)[0]}


def _place(data: bytes) -> dict[str, Any]:
    facts = _numbers(data, "place")
    facts["frames"], at = _text(data, 32)
    return {**facts, "called": _text(data, at)[0]}


def _looks(data: bytes) -> dict[str, Any]:
    count, zero = struct.unpack_from("<II", data, 24)
    assert zero == 0 and len(data) == 32 + 16 * count
    return {"looks": [struct.unpack_from("<dII", data, 32 + 16 * index) for index in range(count)]}


_FACTS = {
    "hello": _json,
    "stats": _json,
    "goodbye": _json,
    "open": lambda data: {**_numbers(data, "connection", "over", "request", "call"), **_json(data, 40)},
    "phase": lambda data: {**_numbers(data, "connection", "phase"), **_json(data, 32)},
    "write": _write,
    "read": _read,
    "close": lambda data: _numbers(data, "connection"),
    "start": _start,
    "end": _end,
    "call": lambda data: _numbers(data, "call", "request", "call_site"),
    "grant": lambda data: _numbers(data, "call"),
    "site": lambda data: {**_numbers(data, "call_site"), "stack": _text(data, 32)[0]},
    "gc": _gc,
    "driver": _driver,
    "stream": _stream,
    "streamEnd": _stream_end,
    "place": _place,
    "looks": _looks,
    "trace": lambda data: {**_numbers(data, "request"), "traceparent": _text(data, 32)[0]},
}
