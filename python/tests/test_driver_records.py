# Operations of drivers in C, as records: the bytes, what is kept of statements, what is told of values.

from __future__ import annotations

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from wiretime import driver, record

GOLDEN = os.path.join(os.path.dirname(HERE), "..", "test", "golden")


class Records(unittest.TestCase):
    STATEMENT = "SELECT * FROM ‘käse’ WHERE id = %s AND kind = 'new'"

    def said(self, flags: int, rows: int, error: str) -> bytes:
        tail = record.text("127.0.0.1:5432") + record.text("shop")
        texts = record.driver_texts(("postgres", self.STATEMENT, error), tail)
        numbers = (7, 9, 4, rows if rows >= 0 else record.UNKNOWN_ROWS)
        moment = (3.5e6, -1, 1e6, 3.5e6)
        return record.pack_driver_operation(56 + len(texts), 15, flags, *moment, *numbers) + texts

    def test_a_call_and_its_operation_in_one(self) -> None:
        operation = self.said(0, 2, "")
        head = (len(operation), 15, 0, 3.5e6, -1, 1e6, 3.5e6, 7, 9, 4, 2)
        both = record.pack_call_and_driver_operation(40, 9, 64, 1e6, 5e5, 9, 7, 3, 0, *head)
        self.assertEqual(both, record.call(1e6, 5e5, 64, 9, 7, 3) + operation[:56])
        self.assertEqual(record.count_of(both + operation[56:]), 2)
        self.assertEqual(record.count_of(operation), 1)

    def test_the_same_bytes_as_the_reader_knows(self) -> None:
        flags = record.DRIVER_FORMAT
        failed = flags | record.DRIVER_FAILED | record.DRIVER_SET_UP | record.DRIVER_CUT
        made = record.batch([self.said(flags, 2, ""), self.said(failed, -1, "42P01")], 77, 0, 0, 0, 0)
        with open(os.path.join(GOLDEN, "driver.bin"), "rb") as file:
            self.assertEqual(made, file.read())

    def test_values_are_told_by_whether_they_are_the_same(self) -> None:
        hash_of = driver.hash_of
        self.assertEqual(hash_of((1, "a")), hash_of([1, "a"]))
        self.assertNotEqual(hash_of({"id": 1}), hash_of({"id": 2}))
        self.assertEqual(hash_of({"ids": [1]}), 0)
        self.assertLess(hash_of((1, "a")), 1 << 32)

    def test_statements_without_end_do_not_fill_the_memory(self) -> None:
        peers = [driver.Peer("postgres", "h:1", f"d{number}") for number in range(3)]
        for number in range(3 * driver.STATEMENT_LIMIT):
            peers[number % 3].statement(f"SELECT {number}", number % 2 == 0)
            kept = sum(len(peer.plain) + len(peer.with_values) for peer in peers)
            self.assertLessEqual(kept, driver.STATEMENT_LIMIT)
        self.assertIs(peers[0].statement("SELECT 1", True), peers[0].statement("SELECT 1", True))
        more = [
            driver.Peer("postgres", "h:1", f"more{number}") for number in range(driver.DATABASE_LIMIT + 1)
        ]
        more[-1].statement("SELECT 1", True)
        self.assertEqual((more[-1].plain, more[-1].with_values), ({}, {}))

    def test_a_statement_that_is_cut_says_so(self) -> None:
        for text, is_cut in (
            ("x" * 4096, False),
            ("x" * 4097, True),
            ("ä" * 2048, False),
            ("ä" * 2049, True),
        ):
            self.assertEqual(record.is_cut(text), is_cut)
            self.assertEqual(len(record.text(text)), 4 + 4096)


if __name__ == "__main__":
    unittest.main()
