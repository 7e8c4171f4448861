# What tests of drivers in C share. In: programs. Out: how they ended, and the operations that the agent told of.

from __future__ import annotations

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from collector import Collector
from programs import run

from wiretime import record


class Driver(unittest.TestCase):
    def ran(self, code: str, *args: object) -> Collector:
        """A program that ended well, under an agent without errors of its own."""
        collector = Collector()
        self.addCleanup(collector.close)
        self.printed = run(code, *args, collector=collector).stdout
        errors = [said.payload for said in collector.of("stats", "goodbye") if said.payload.get("errors")]
        errors += [said.payload for said in collector.of("goodbye") if said.payload.get("error")]
        self.assertEqual(errors, [])
        return collector

    def operations(self, collector: Collector) -> list[tuple[str, int, str]]:
        """Statement, rows and error of each, without the login."""
        found = [said for said in collector.of("driver") if not said.flags & record.DRIVER_SET_UP]
        for said in found:
            self.assertLessEqual(said.start, said.end)
            self.assertEqual(said.flags & record.DRIVER_FAILED != 0, said.error != "")
        return [(said.statement, said.rows, said.error) for said in found]

    def logins(self, collector: Collector) -> list[tuple[str, str, str]]:
        return [(r.protocol, r.address, r.database) for r in collector.of("driver") if r.flags & 1]


def shape_of(statement: str) -> str:
    return statement.split()[0].strip('"').upper()
