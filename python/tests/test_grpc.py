# grpcio, client and server: each call is an operation of the request that made it, each served call a request, joined by its trace.

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from collector import Collector, until
from programs import PYTHON, has

from wiretime import record
from wiretime.patches.grpc import NAMES

CALLS = 16
# What a request of each way asks: method and error of each operation.
ASKS = {
    "call": [("/back/unary", "")],
    "with": [("/back/unary", "")],
    "future": [("/back/unary", "")],
    "stream": [("/back/stream", "")],
    "collect": [("/back/collect", "")],
    "both": [("/back/both", "")],
    "missing": [("/back/unary", "NOT_FOUND")],
    "broken": [("/back/unary", "UNKNOWN")],
    "async": [("/back/unary", ""), ("/back/stream", "")],
    "traced": [("/back/unary", "")],
    "aio": [("/aio/unary", "")],
    "aioStream": [("/aio/stream", "")],
    "aioCollect": [("/aio/collect", "")],
    "aioBoth": [("/aio/both", "")],
    "aioMissing": [("/aio/unary", "NOT_FOUND")],
    "aioBroken": [("/aio/stream", "UNKNOWN")],
}
STATUSES = {"missing": 404, "broken": 500}
# Those of grpc.aio that ask the back again.
RELAYS = ("aio", "aioStream", "aioCollect", "aioBoth")


@unittest.skipUnless(has("grpc"), "needs grpcio")
class Grpc(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.collector = Collector()
        command = [PYTHON, os.path.join(HERE, "apps", "grpc_app.py"), str(CALLS)]
        env = {**cls.collector.environment(), "GRPC_VERBOSITY": "NONE"}
        cls.done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
        until("all records have arrived", lambda: cls.collector.is_idle)
        cls.starts = {start.request: start for start in cls.collector.of("start")}

    def test_the_program_saw_nothing_of_it(self) -> None:
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        said = [one.payload for one in self.collector.of("hello", "stats", "goodbye")]
        self.assertEqual([one for one in said if one.get("errors") or one.get("error")], [])
        self.assertTrue(any("grpc (without wire phases)" in one.get("hooked", ()) for one in said))

    def test_each_call_belongs_to_its_request(self) -> None:
        statuses = {end.stream: end for end in self.collector.of("streamEnd")}
        asked: dict[int, list[tuple[str, str]]] = {}
        for stream in self.collector.of("stream"):
            end = statuses.pop(stream.stream)
            self.assertEqual((stream.flags, end.flags), (record.STREAM_GRPC, record.STREAM_GRPC_STATUS))
            self.assertLessEqual(stream.time, end.time)
            error = NAMES[end.grpc_status] if end.grpc_status else ""
            asked.setdefault(stream.request, []).append((stream.target, error))
        self.assertEqual(statuses, {})
        fronts = {number: one for number, one in self.starts.items() if one.target.startswith("/front/")}
        self.assertEqual(len(fronts), CALLS * len(ASKS))
        for number, start in fronts.items():
            self.assertEqual(asked[number], ASKS[start.target.rpartition("/")[2]], start.target)

    def test_each_served_call_is_a_request_with_its_status(self) -> None:
        ends = {end.request: end for end in self.collector.of("end")}
        self.assertEqual(set(ends), set(self.starts))
        statuses: Counter[tuple[str, int]] = Counter()
        for number, start in self.starts.items():
            self.assertEqual((start.method, ends[number].route), ("GRPC", start.target))
            statuses[start.target, ends[number].status] += 1
        unary = [way for way, asks in ASKS.items() if asks[0][0] == "/back/unary" and way not in STATUSES]
        self.assertEqual(statuses["/back/unary", 200], CALLS * (len(unary) + len(RELAYS)))
        for status in STATUSES.values():
            self.assertEqual(statuses["/back/unary", status], CALLS)
        for target, status in (
            ("unary", 200),
            ("unary", 404),
            ("stream", 200),
            ("stream", 500),
            ("both", 200),
        ):
            self.assertEqual(statuses[f"/aio/{target}", status], CALLS, (target, status))

    def test_what_a_server_of_grpc_aio_asks_belongs_to_what_it_was_asked(self) -> None:
        asked: dict[int, list[str]] = {}
        for stream in self.collector.of("stream"):
            asked.setdefault(stream.request, []).append(stream.target)
        served = [number for number, start in self.starts.items() if start.target.startswith("/aio/")]
        self.assertEqual(len(served), CALLS * (len(RELAYS) + 2))
        self.assertEqual(
            Counter(tuple(asked.get(number, ())) for number in served),
            {("/back/unary",): CALLS * len(RELAYS), (): CALLS * 2},
        )

    def test_the_trace_goes_on(self) -> None:
        asked = [start for start in self.starts.values() if start.target.startswith(("/back/", "/aio/"))]
        traces = Counter(start.traceparent[:35] for start in asked if start.traceparent != "mine")
        self.assertEqual(sum(start.traceparent == "mine" for start in asked), CALLS)
        self.assertNotIn("", traces)
        # One trace for each request that was asked by nobody; "async" and the relays ask twice in it.
        twice = len(RELAYS) + 1
        self.assertEqual(Counter(traces.values()), {1: CALLS * (len(ASKS) - 1 - twice), 2: CALLS * twice})

    def test_each_served_call_is_tied_to_the_one_that_asked_it(self) -> None:
        """By the span that the call was sent with: the collector joins the two."""
        sent = Counter(stream.traceparent for stream in self.collector.of("stream") if stream.traceparent)
        served = Counter(start.traceparent for start in self.starts.values() if start.traceparent)
        self.assertEqual(sent, served)
        self.assertEqual({count for told, count in sent.items() if told != "mine"}, {1})


if __name__ == "__main__":
    unittest.main()
