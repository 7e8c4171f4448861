# Lines that block an event loop. In: a server whose handlers block it, each in another way; turns by hand. Out: looks that name the line,
# within the time of the request; none where nothing blocks. uvloop is left out where it is not installed.

from __future__ import annotations

import collections
import http.client
import os
import sys
import unittest
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from collector import Collector
from programs import PYTHON, free_port, has, running

from wiretime import looks, recorder, sink
from wiretime.clock import ThreadClock

APP = os.path.join(HERE, "apps", "blocking_app.py")
with open(APP, encoding="utf-8") as file:
    LINES = {
        line.rpartition("# ")[2].strip(): number for number, line in enumerate(file, 1) if "  # " in line
    }
WAYS = ("regex", "dumps", "hashing", "sleeping")


class Servers(unittest.TestCase):
    def check(self, loop: str) -> None:
        collector, port = Collector(), free_port()
        with running([PYTHON, APP, str(port), loop], port, collector):
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            for way in (*WAYS, "quick"):
                client.request("GET", f"/{way}")
                self.assertEqual(client.getresponse().read(), b"ok")
            client.close()
        places = {one.place: one for one in collector.of("place")}
        looks_of = {way: self.looks_of(way, collector) for way in (*WAYS, "quick")}
        for way in WAYS:
            with self.subTest(f"{way}, {loop}"):
                self.assertGreater(len(looks_of[way]), 0)
                spent: collections.Counter[tuple[str, str]] = collections.Counter()
                for _, place, us in looks_of[way]:
                    file, line = places[place].frames.split(":")[:2]
                    self.assertEqual(file, APP)
                    spent[(line, places[place].called)] += us
                [((line, called), _)] = spent.most_common(1)
                self.assertIn(int(line), (LINES[way], LINES["by function"]))
                if way == "dumps":
                    self.assertRegex(called, r"/json/(__init__|encoder)\.py:\d+:0 ")
        errors = [one.payload for one in collector.of("stats", "goodbye")]
        self.assertEqual([one for one in errors if one.get("errors") or one.get("error")], [])
        collector.close()

    def looks_of(self, way: str, collector: Collector) -> list[tuple[float, int, int]]:
        """All within the request, and one after the other."""
        [start] = [one for one in collector.of("start") if one.target == f"/{way}"]
        [end] = [one for one in collector.of("end") if one.request == start.request]
        found = []
        for told in collector.of("looks"):
            self.assertEqual((told.thread, told.flags, told.idle), (start.thread, 1, -1))
            found += [look for look in told.looks if start.time <= look[0] < end.time]
        for (time, _, us), (following, *_) in zip(found, found[1:]):
            self.assertLessEqual(time + us * 1000, following)
        return found

    def test_the_line_is_named(self) -> None:
        self.check("asyncio")

    @unittest.skipUnless(has("uvloop"), "needs uvloop")
    def test_on_uvloop(self) -> None:
        self.check("uvloop")


class Turns(unittest.TestCase):
    """By hand: the loop of this thread, a clock, and what is put."""

    def setUp(self) -> None:
        self.time = 1_000_000_000
        self.put: list[bytes] = []
        patches = [
            mock.patch.object(looks, "monotonic_ns", lambda: self.time),
            mock.patch.object(recorder, "put", self.put.append),
            mock.patch.object(looks, "_watched", {}),
            mock.patch.object(looks, "_left", 50.0),
            mock.patch.object(looks, "_refilled_at", self.time),
            mock.patch.object(sink, "watch", None),
        ]
        for patch in patches:
            patch.start()
            self.addCleanup(patch.stop)
        self.clock = ThreadClock()

    def after(self, ms: float) -> int:
        self.time += int(ms * 1e6)
        return looks.look(self.time)

    def test_both_sides_of_the_limit(self) -> None:
        looks.watch(self.clock)
        self.assertEqual(self.after(1), 0)
        self.clock.turn = self.time
        self.assertEqual(self.after(19.9), looks.ROUND_NS)
        self.assertEqual(self.put, [])
        self.assertEqual(self.after(0.1), looks.INTERVAL_NS)
        self.clock.turn = -self.time - 4_000_000
        self.assertEqual(self.after(7), 0)
        [told] = [one for one in self.put if one[4] == 21]
        self.assertEqual(int.from_bytes(told[44:48], "little"), 4000)

    def test_one_that_lasts_is_looked_at_less_and_less_often(self) -> None:
        looks.watch(self.clock)
        self.clock.turn = self.time
        count = 0
        interval = looks.INTERVAL_NS
        while self.time < 61_000_000_000:
            interval = self.after(interval / 1e6) or self.fail()
            count += 1
        self.assertLess(count, 150)
        self.assertGreater(interval, 2_000_000_000)

    def test_at_most_so_many_a_second(self) -> None:
        looks.watch(self.clock)
        with mock.patch.object(looks, "_look_at", return_value=looks.INTERVAL_NS) as look_at:
            for _ in range(1000):
                self.clock.turn = self.time
                self.after(21)
            self.assertLess(look_at.call_count, 50 + 21 * looks.LOOKS_PER_SECOND + 1)
            self.assertGreater(look_at.call_count, 900)
            look_at.reset_mock()
            self.clock.turn = self.time
            self.after(21)
            for _ in range(1000):
                self.after(1)
            self.assertLess(look_at.call_count, 110)

    def test_a_loop_that_waits_is_not_looked_at_twice(self) -> None:
        def waits() -> int:
            looks.watch(self.clock, waits.__code__)
            self.clock.time = self.time
            return 0

        waits()
        self.clock.time = self.time
        # Not waiting, but seen once only: turns of this loop are not known.
        self.after(30)
        self.assertEqual(self.put, [])
        self.after(10)
        looks.unwatch(self.clock)
        self.assertEqual([one[4] for one in self.put], [20, 21])

    def test_it_can_be_switched_off(self) -> None:
        with mock.patch.dict(os.environ, WIRETIME_PROFILE="0"):
            looks.watch(self.clock)
        self.clock.turn = self.time
        self.assertEqual(self.after(100), 0)


if __name__ == "__main__":
    unittest.main()
