# sqlite3: each statement with its rows, and its end.

from __future__ import annotations

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from traced_driver import Driver

from wiretime import record


class Sqlite(Driver):
    def test_statements_rows_and_ends(self) -> None:
        collector = self.ran(
            """
            import os, sqlite3, tempfile
            path = os.path.join(tempfile.mkdtemp(), "shop.db")
            db = sqlite3.connect(path)
            assert isinstance(db, sqlite3.Connection) and type(db).__name__ == "Connection"
            db.execute("CREATE TABLE t (id int)")
            with db:
                db.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(7)])
            with db:
                pass
            cursor = db.cursor()
            assert isinstance(cursor, sqlite3.Cursor)
            assert len(cursor.execute("SELECT * FROM t WHERE id < ?", (5,)).fetchall()) == 5
            cursor.execute("SELECT * FROM t")
            assert len(cursor.fetchmany(4)) == 4 and len(cursor.fetchmany(size=4)) == 3
            assert db.execute("SELECT 1").fetchone() == (1,)
            assert sum(1 for _ in db.execute("SELECT id FROM t")) == 7
            try:
                db.execute("SELECT nothing")
            except sqlite3.OperationalError:
                pass
            db.execute("DELETE FROM t")
            db.rollback()
            db.close()
            """
        )
        self.assertEqual(
            {(r.protocol, r.address) for r in collector.of("driver")},
            {("sqlite", "shop.db")},
        )
        found = self.operations(collector)
        self.assertEqual(found.pop(-3)[:2], ("SELECT nothing", -1))
        self.assertEqual(
            [(statement, rows) for statement, rows, _ in found],
            [
                ("CREATE TABLE t (id int)", -1),
                ("INSERT INTO t VALUES (?)", 7),
                ("COMMIT", -1),
                ("SELECT * FROM t WHERE id < ?", 5),
                ("SELECT * FROM t", 7),
                ("SELECT 1", 1),
                ("SELECT id FROM t", -1),
                ("DELETE FROM t", 7),
                ("ROLLBACK", -1),
            ],
        )

    def test_a_long_statement_is_cut_and_says_so(self) -> None:
        collector = self.ran(
            """
            import sqlite3
            db = sqlite3.connect(":memory:")
            db.execute("SELECT 'é" + "x" * 5000 + "'").fetchall()
            db.execute("SELECT 1").fetchall()
            """
        )
        flags = [(len(said.statement.encode()), said.flags) for said in collector.of("driver")]
        self.assertEqual(flags, [(4096, record.DRIVER_CUT), (8, 0)])

    def test_classes_of_the_program(self) -> None:
        self.ran(
            """
            import sqlite3, sys
            class Mine(sqlite3.Connection):
                def cursor(self, factory=None):
                    return super().cursor(factory or Cursor)
            class Cursor(sqlite3.Cursor):
                def execute(self, *args):
                    self.seen = args
                    return super().execute(*args)
            db = sqlite3.connect(":memory:", factory=Mine)
            assert isinstance(db.execute("SELECT 1"), Cursor) == (sys.version_info < (3, 11))
            cursor = db.cursor().execute("SELECT ?", (1,))
            assert isinstance(db, Mine) and isinstance(cursor, Cursor) and cursor.seen == ("SELECT ?", (1,))
            db.row_factory = sqlite3.Row
            assert db.execute("SELECT 1 AS one").fetchone()["one"] == 1
            db.close()
            """
        )

    def test_the_place_in_the_program_is_known(self) -> None:
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "apps", "sqlite_place.py")
        collector = self.ran(f"import runpy; runpy.run_path({path!r})")
        sites = {site.call_site: site.stack for site in collector.of("site")}
        calls = {call.call: sites.get(call.call_site, "") for call in collector.of("call")}
        [operation] = collector.of("driver")
        self.assertRegex(calls[operation.call].splitlines()[0], r"sqlite_place\.py:7:1 ask$")


if __name__ == "__main__":
    unittest.main()
