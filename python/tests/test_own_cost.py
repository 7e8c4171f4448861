# What the agent says it costs, and both sides of the budget. In: totals by hand, a real server. Out: a step, numbers of `stats`.

from __future__ import annotations

import os
import sys
import unittest
from types import ModuleType
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from collector import Collector
from programs import run

from wiretime import call_site, own_cost
from wiretime.own_cost import OwnCost, budget_of

SECOND = 1_000_000_000
SERVER = """
    import os, socket, sys, time
    from wiretime import recorder

    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    peer, _ = server.accept()
    for _ in range(int(sys.argv[1])):
        client.sendall(b"GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
        peer.recv(1000)
        peer.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n")
        client.recv(1000)
    while recorder.sink.records < 4 * int(sys.argv[1]):
        time.sleep(0.01)
    recorder.sink._stats_at = 0
    said = recorder.sink.sending_ns
    while recorder.sink.sending_ns == said:
        client.sendall(b"x")
        time.sleep(0.01)
    if len(sys.argv) > 2 and os.fork() == 0:
        peer.sendall(b"x")
        recorder.sink._stats_at = 0
        while recorder.sink.sending_ns == 0:
            peer.sendall(b"x")
            time.sleep(0.01)
    elif len(sys.argv) > 2:
        os.wait()
"""


def seconds(cost: OwnCost, count: int, share: float, busy: float = 1.0) -> list[int]:
    """So many seconds at one share of the process's CPU; the step after each."""
    steps = []
    for _ in range(count):
        cost.now += SECOND
        cost.own += int(share * busy * SECOND)
        cost.used += int(busy * SECOND)
        cost.observe(cost.own, cost.used, cost.now)
        steps.append(cost.step)
    return steps


class ByHand(OwnCost):
    own = used = 0
    now = SECOND

    def __init__(self, budget: str = "5") -> None:
        with mock.patch.dict(os.environ, WIRETIME_BUDGET=budget):
            super().__init__()
        self.observe(0, 0, self.now)


class Budgets(unittest.TestCase):
    def tearDown(self) -> None:
        own_cost.wants_call_sites = True

    def test_what_is_asked(self) -> None:
        asked = {"": 1, "x": 1, "0": 1, "-3": 1, "5": 0.05, "2.5": 0.025}
        self.assertEqual({text: budget_of(text) for text in asked}, asked)

    def test_a_burst_is_served_in_full_and_what_lasts_is_answered(self) -> None:
        cost = ByHand()
        self.assertEqual(seconds(cost, 2, 0.5), [0, 0])
        self.assertEqual(seconds(cost, 1, 0.049), [0])
        self.assertEqual(seconds(cost, 4, 0.051), [0, 0, 1, 1])
        self.assertFalse(own_cost.wants_call_sites)

    def test_it_goes_back_when_there_is_room(self) -> None:
        cost = ByHand()
        seconds(cost, 3, 0.5)
        self.assertEqual(seconds(cost, 50, 0.03)[-1], 1)
        self.assertEqual(seconds(cost, 10, 0.02)[-2:], [1, 0])
        self.assertTrue(own_cost.wants_call_sites)

    def test_an_idle_process_is_no_reason_and_nobody_asked_is_none(self) -> None:
        self.assertEqual(seconds(ByHand(), 20, 0.5, busy=0.029)[-1], 0)
        self.assertEqual(seconds(ByHand(""), 20, 0.5)[-1], 0)

    def test_call_sites_are_not_looked_for(self) -> None:
        own_cost.wants_call_sites = False
        sampling = call_site.Sampling()
        self.assertEqual(call_site.site_within_budget(sampling, SECOND), 0)
        self.assertEqual((sampling.captures, sampling.next_at), (0, 2 * SECOND))


class HalfLoaded(unittest.TestCase):
    def test_a_module_that_is_being_imported_counts_nothing_yet(self) -> None:
        """The sender's thread asks at any moment."""
        for name in ("exchange", "calls", "propagation"):
            with self.subTest(name), mock.patch.dict(sys.modules, {f"wiretime.{name}": ModuleType(name)}):
                self.assertGreaterEqual(OwnCost().total_ns(0, 0), 0)


class Stats(unittest.TestCase):
    def said(self, *args: object) -> list[dict]:
        collector = Collector()
        self.addCleanup(collector.close)
        run(SERVER, *args, collector=collector)
        last = {one.process: one.payload for one in collector.of("stats")}
        return list(last.values())

    def test_requests_and_records_count(self) -> None:
        [few], [many] = self.said(10), self.said(1000)
        self.assertGreater(few["ownCpuUs"], 10 * 18)
        # 990 requests with two records each, and two of the client.
        self.assertGreater(many["ownCpuUs"] - few["ownCpuUs"], 990 * (18 + 4 * 2.9))
        self.assertEqual(many["step"], 0)

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_a_forked_child_begins_anew(self) -> None:
        parent, child = self.said(1000, "fork")
        self.assertGreater(parent["ownCpuUs"], 1000 * 18)
        self.assertLess(child["ownCpuUs"], 1000 * 18)


if __name__ == "__main__":
    unittest.main()
