# Both agents and the reader agree on the bytes of test/golden/batch.bin. In: batch.json. Out: the same bytes, or a failure.

from __future__ import annotations

import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from records import read_batch

from wiretime import record

GOLDEN = os.path.join(HERE, "..", "..", "test", "golden")


def text_of(payload: object) -> str:
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False)


def bytes_of(chunk: dict[str, object]) -> bytes:
    if "fill" in chunk:
        return bytes((index * 7 + 3) % 256 for index in range(int(str(chunk["fill"]))))
    return str(chunk["text"]).encode(str(chunk["encoding"]))


def say(fact: dict[str, object]) -> bytes:
    """One fact in the words of the writer."""
    kind, moment = fact["kind"], (fact["time"], fact["idle"], fact.get("flags", 0))
    if kind == "write":
        data = b"".join(map(bytes_of, fact["chunks"]))
        contexts = [tuple(context) for context in fact["contexts"]]
        if len(contexts) == 1 and not fact["flags"]:
            return record.write(*moment, fact["connection"], *contexts[0][1:], data, len(data))
        return record.write_contexts(*moment, fact["connection"], contexts, data, len(data))
    if kind == "read":
        data = bytes_of(fact["chunk"])
        head_bytes = record.ANSWER_HEAD_BYTES if fact.get("isAnswer") else record.READ_HEAD_BYTES
        return record.read(*moment, fact["connection"], data, len(data), head_bytes)
    if kind == "streamStart":
        moment = (*moment[:2], record.STREAM_GRPC)
        return record.stream_start(*moment, fact["stream"], fact["request"], fact["call"], fact["texts"])
    if kind == "streamEnd":
        return record.stream_end(*moment[:2], record.STREAM_GRPC_STATUS, fact["stream"], fact["grpcStatus"])
    arguments = {
        "json": ("payload",),
        "connectionOpen": ("connection", "over", "request", "call", "payload"),
        "connectionPhase": ("connection", "phase", "payload"),
        "close": ("connection",),
        "requestStart": ("request", "connection", "texts"),
        "requestEnd": ("request", "status", "firstByte", "route"),
        "call": ("call", "request", "callSite"),
        "grant": ("call",),
        "callSite": ("callSite", "stack"),
        "gc": ("durationNs", "gcKind"),
    }[kind]
    values = [text_of(fact[name]) if name == "payload" else fact[name] for name in arguments]
    if kind == "json":
        return record.json_record(fact["number"], *moment, *values)
    names = {"connectionOpen": "connection_open", "connectionPhase": "connection_phase"}
    names.update(requestStart="request_start", requestEnd="request_end", callSite="call_site")
    return getattr(record, names.get(kind, kind))(*moment, *values)


class Golden(unittest.TestCase):
    def test_the_same_facts_give_the_same_bytes(self) -> None:
        with open(os.path.join(GOLDEN, "batch.json"), encoding="utf-8") as file:
            golden = json.load(file)
        with open(os.path.join(GOLDEN, "batch.bin"), "rb") as file:
            expected = file.read()
        header = golden["header"]
        made = record.batch(
            [say(fact) for fact in golden["facts"]],
            header["processKey"],
            header["sequence"],
            header["time"],
            header["droppedRecords"],
            header["droppedBytes"],
        )
        for fact, ours, theirs in zip(
            golden["facts"], read_batch(made).records, read_batch(expected).records
        ):
            self.assertEqual(ours, theirs, fact)
        self.assertEqual(made, expected)

    def test_the_thread_is_in_the_upper_bits(self) -> None:
        packed = record.close(1, 2, (5 << record.THREAD_SHIFT) | record.CLOSE_ERROR, 9)
        [found] = read_batch(record.batch([packed], 1, 0, 0, 0, 0)).records
        self.assertEqual((found.thread, found.flags, found.connection), (5, record.CLOSE_ERROR, 9))


class Limits(unittest.TestCase):
    def read_back(self, packed: bytes):
        return read_batch(record.batch([packed], 1, 0, 0, 0, 0)).records[0]

    def test_reads_keep_their_head_and_tail(self) -> None:
        for size in (0, 1, 7, 8, 511, 512, 513, 575, 576, 577, 578, 70_000):
            data = bytes(index % 251 for index in range(size))
            for buffer in (data, memoryview(data + b"more")):
                found = self.read_back(record.read(1, 1, 0, 3, buffer, size))
                self.assertEqual(found.facts["size"], size)
                if size <= 576:
                    self.assertEqual((found.head, found.tail), (data, b""))
                else:
                    self.assertEqual((found.head, found.tail), (data[:512], data[-64:]))

    def test_writes_keep_their_first_16_kib(self) -> None:
        for size in (0, 1, 3, 4, 16_383, 16_384, 16_385, 50_000):
            found = self.read_back(record.write(1, 1, 0, 3, 4, 5, bytes(size), size))
            self.assertEqual((found.facts["size"], found.bytes), (size, bytes(min(size, 16_384))))

    def test_a_part_of_a_chunk_was_written(self) -> None:
        found = self.read_back(record.write(1, 1, 0, 3, 4, 5, b"abcdef", 4))
        self.assertEqual((found.facts["size"], found.bytes), (4, b"abcd"))

    def test_long_texts_are_cut_between_characters(self) -> None:
        found = self.read_back(record.call_site(1, 1, 0, 1, "ä" * 5000))
        self.assertEqual(found.stack, "ä" * 2048)

    def test_json_that_is_too_long_says_nothing(self) -> None:
        found = self.read_back(record.json_record(record.STATS, 1, 1, 0, '{"a":"%s"}' % ("x" * 30_000)))
        self.assertEqual(found.payload, {})


if __name__ == "__main__":
    unittest.main()
