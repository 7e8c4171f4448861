# Servers of the standard library: which request caused it, at 32 clients that keep their connections.

from __future__ import annotations

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from attribution import check
from programs import PYTHON


class Threads(unittest.TestCase):
    command = [PYTHON, "plain_threads.py", "PORT"]

    def test_in_the_handler(self) -> None:
        check(self, self.command, "plain", 3)

    def test_in_a_pool(self) -> None:
        check(self, self.command, "pool", 3)

    def test_in_a_thread(self) -> None:
        check(self, self.command, "thread", 1)

    def test_after_the_response(self) -> None:
        check(self, self.command, "later", 1)


class Asyncio(unittest.TestCase):
    def test_one_task_per_connection(self) -> None:
        for how, per_request in (("plain", 3), ("gather", 3), ("pool", 2), ("later", 1)):
            with self.subTest(how):
                check(self, [PYTHON, "plain_asyncio.py", "PORT", "streams"], how, per_request)

    def test_one_task_per_request(self) -> None:
        for how, per_request in (("plain", 3), ("gather", 3), ("pool", 2), ("later", 1)):
            with self.subTest(how):
                check(self, [PYTHON, "plain_asyncio.py", "PORT", "protocol"], how, per_request)


if __name__ == "__main__":
    unittest.main()
