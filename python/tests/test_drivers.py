# Drivers in C: what the agent says they did is what the database was asked. Real PostgreSQL and MariaDB, and SQLite.

from __future__ import annotations

import os
import sys
import unittest
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import databases
from collector import Collector
from databases import HAS_SERVERS, SERVERS
from programs import has, run
from truth import Server

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


@unittest.skipUnless(HAS_SERVERS, "needs the servers of scripts/test-python.ts")
class Postgres(Driver):
    @classmethod
    def setUpClass(cls) -> None:
        databases.log_postgres_statements()

    def setUp(self) -> None:
        self.name = "t" + uuid.uuid4().hex[:12]
        self.server = SERVERS["postgres"]

    def asked(self) -> list[str]:
        return databases.postgres_statements(self.name)

    def address(self) -> tuple[str, str, str]:
        return ("postgres", f"127.0.0.1:{self.server['port']}", "postgres")

    @unittest.skipUnless(has("psycopg2"), "needs psycopg2")
    def test_psycopg2(self) -> None:
        collector = self.ran(
            """
            import sys, psycopg2, psycopg2.extras
            from psycopg2 import sql
            url, name = sys.argv[1:]
            db = psycopg2.connect(url, application_name=name)
            assert isinstance(db, psycopg2.extensions.connection)
            assert type(db).__name__ == "connection" and type(db).__module__ == "psycopg2.extensions", type(db)
            cursor = db.cursor()
            assert isinstance(cursor, psycopg2.extensions.cursor)
            cursor.execute(f"CREATE TABLE {name} (id int, word text)")
            cursor.executemany(f"INSERT INTO {name} VALUES (%s, %s)", [(n, "w") for n in range(7)])
            db.commit()
            db.commit()
            cursor.execute(f"SELECT * FROM {name} WHERE id < %(top)s", {"top": 5})
            assert len(cursor.fetchall()) == 5
            cursor.execute(sql.SQL("SELECT {} FROM {}").format(sql.Identifier("word"), sql.Identifier(name)))
            try:
                cursor.execute("SELECT nothing")
            except psycopg2.errors.UndefinedColumn:
                db.rollback()
            with db, db.cursor(cursor_factory=psycopg2.extras.DictCursor) as row:
                row.execute(f"UPDATE {name} SET word = 'x' WHERE id > 2")
            with db.cursor("far") as far:
                far.execute(f"SELECT * FROM {name}")
                print(len(far.fetchmany(4)), len(far.fetchall()))
            db.close()
            """,
            self.server["url"],
            self.name,
        )
        self.assertEqual(self.printed.split(), ["4", "3"])
        self.assertEqual(self.logins(collector), [self.address()])
        name = self.name
        self.assertEqual(
            self.operations(collector),
            [
                (f"CREATE TABLE {name} (id int, word text)", -1, ""),
                (f"INSERT INTO {name} VALUES (%s, %s)", 7, ""),
                ("COMMIT", -1, ""),
                (f"SELECT * FROM {name} WHERE id < %(top)s", 5, ""),
                (f'SELECT "word" FROM "{name}"', 7, ""),
                ("SELECT nothing", -1, "42703"),
                ("ROLLBACK", -1, ""),
                (f"UPDATE {name} SET word = 'x' WHERE id > 2", 4, ""),
                ("COMMIT", -1, ""),
                (f'DECLARE "far" CURSOR FOR SELECT * FROM {name}', -1, ""),
                ('FETCH FROM "far"', 4, ""),
                ('FETCH FROM "far"', 3, ""),
                ('CLOSE "far"', -1, ""),
            ],
        )
        # The driver sends BEGIN with the first statement, and one INSERT for each row of executemany.
        asked = [statement for statement in self.asked() if statement != "BEGIN"]
        inserts = [statement for statement in asked if statement.startswith("INSERT")]
        self.assertEqual(len(inserts), 7)
        ours = [shape_of(statement) for statement, _, _ in self.operations(collector)]
        self.assertEqual(
            [word for word in ours if word != "INSERT"],
            [shape_of(statement) for statement in asked if statement not in inserts],
        )

    # What psycopg sends by itself.
    OWN = ("SAVEPOINT", "RELEASE", "CLOSE", "DEALLOCATE")

    PSYCOPG = """
        import asyncio, sys, psycopg
        from psycopg import sql
        url, name = sys.argv[1:]
        async def main():
            WITH psycopg.CONNECT(url, application_name=name) as db:
                assert type(db) is psycopg.CLASS
                AWAIT db.execute(f"CREATE TABLE {name} (id int, word text)")
                cursor = db.cursor()
                AWAIT cursor.executemany(f"INSERT INTO {name} VALUES (%s, %s)", [(n, "w") for n in range(7)])
                AWAIT db.commit()
                AWAIT db.commit()
                found = AWAIT db.execute(f"SELECT * FROM {name} WHERE id < %(top)s", {"top": 5})
                assert len(AWAIT found.fetchall()) == 5
                AWAIT cursor.execute(sql.SQL("SELECT {} FROM {}").format(sql.Identifier("word"), sql.Identifier(name)))
                try:
                    AWAIT db.execute("SELECT nothing")
                except psycopg.errors.UndefinedColumn:
                    AWAIT db.rollback()
                WITH db.transaction():
                    WITH db.transaction():
                        AWAIT db.execute(f"UPDATE {name} SET word = 'x' WHERE id > 2")
                WITH db.cursor("far") as far:
                    AWAIT far.execute(f"SELECT * FROM {name}")
                    assert len(AWAIT far.fetchmany(4)) == 4
                    assert len(AWAIT far.fetchall()) == 3
        """

    def check_psycopg(self, code: str) -> None:
        name = self.name
        collector = self.ran(code, self.server["url"], name)
        self.assertEqual(self.logins(collector), [self.address()])
        said = self.operations(collector)
        work = [
            operation for operation in said if operation[0].split()[0] not in ("BEGIN", "COMMIT", "ROLLBACK")
        ]
        self.assertEqual(
            [operation for operation in work if shape_of(operation[0]) not in self.OWN],
            [
                (f"CREATE TABLE {name} (id int, word text)", -1, ""),
                (f"INSERT INTO {name} VALUES (%s, %s)", 7, ""),
                (f"SELECT * FROM {name} WHERE id < %(top)s", 5, ""),
                (f'SELECT "word" FROM "{name}"', 7, ""),
                ("SELECT nothing", -1, "42703"),
                (f"UPDATE {name} SET word = 'x' WHERE id > 2", 4, ""),
                (f'DECLARE "far" CURSOR FOR SELECT * FROM {name}', -1, ""),
                ('FETCH FORWARD 4 FROM "far"', 4, ""),
                ('FETCH FORWARD ALL FROM "far"', 3, ""),
            ],
        )
        # The server's log, with one INSERT for each row of executemany, and without what the cursor in the server adds.
        asked = [shape_of(statement) for statement in self.asked()]
        ours = [shape_of(statement) for statement, _, _ in said]
        self.assertEqual(asked.count("INSERT"), 7)
        self.assertEqual(
            [word for word in ours if word != "INSERT"],
            [word for word in asked if word != "INSERT"],
        )

    @unittest.skipUnless(has("psycopg"), "needs psycopg")
    def test_psycopg(self) -> None:
        code = (
            self.PSYCOPG.replace("async def main", "def main").replace("AWAIT ", "").replace("WITH ", "with ")
        )
        code = code.replace("CONNECT", "connect").replace("CLASS", "Connection")
        self.check_psycopg(code + "main()\n")

    @unittest.skipUnless(has("psycopg"), "needs psycopg")
    def test_psycopg_asynchronous(self) -> None:
        code = self.PSYCOPG.replace("AWAIT ", "await ").replace(
            "WITH psycopg.CONNECT", "async with await psycopg.CONNECT"
        )
        code = code.replace("WITH ", "async with ").replace("CONNECT", "AsyncConnection.connect")
        self.check_psycopg(code.replace("CLASS", "AsyncConnection") + "asyncio.run(main())\n")

    @unittest.skipUnless(has("psycopg2") and has("psycopg"), "needs psycopg2, psycopg")
    def test_a_login_that_fails(self) -> None:
        for module in ("psycopg2", "psycopg"):
            collector = self.ran(
                f"""
                import sys, {module}
                try:
                    {module}.connect(host="127.0.0.1", port=sys.argv[1], user="nobody", password="secret", dbname="x")
                except {module}.OperationalError:
                    print("refused")
                """,
                self.server["port"],
            )
            self.assertEqual(self.printed, "refused\n")
            [login] = collector.of("driver")
            self.assertEqual((login.flags, login.database), (3, "x"))
            self.assertNotIn("secret", str(login))


def shape_of(statement: str) -> str:
    return statement.split()[0].strip('"').upper()


@unittest.skipUnless(
    HAS_SERVERS and has("MySQLdb"),
    "needs the servers of scripts/test-python.ts, and mysqlclient",
)
class Mysql(Driver):
    def test_mysqlclient(self) -> None:
        databases.log_mariadb_statements()
        server, name = SERVERS["mariadb"], "t" + uuid.uuid4().hex[:12]
        collector = self.ran(
            """
            import sys, MySQLdb
            port, user, password, database, name = sys.argv[1:]
            db = MySQLdb.connect(host="127.0.0.1", port=int(port), user=user, password=password, database=database)
            assert type(db) is MySQLdb.connections.Connection
            cursor = db.cursor()
            cursor.execute(f"CREATE TABLE {name} (id int, word text)")
            cursor.execute(f"INSERT INTO {name} VALUES (%s, %s), (2, 'b')", (1, "a"))
            db.commit()
            cursor.execute(f"SELECT * FROM {name} WHERE id < %s", (5,))
            assert len(cursor.fetchall()) == 2
            try:
                cursor.execute(f"SELECT nothing FROM {name}")
            except MySQLdb.OperationalError:
                db.rollback()
            db.close()
            """,
            *(server[key] for key in ("port", "user", "password", "database")),
            name,
        )
        self.assertEqual(self.logins(collector), [("mysql", f"127.0.0.1:{server['port']}", "test")])
        said = self.operations(collector)
        self.assertEqual(
            said,
            [
                (f"CREATE TABLE {name} (id int, word text)", 0, ""),
                (f"INSERT INTO {name} VALUES (%s, %s), (2, 'b')", 2, ""),
                ("COMMIT", -1, ""),
                (f"SELECT * FROM {name} WHERE id < %s", 2, ""),
                (f"SELECT nothing FROM {name}", -1, "1054"),
                ("ROLLBACK", -1, ""),
            ],
        )
        asked = [shape_of(statement) for statement in databases.mariadb_statements(name)]
        login = ("SET",)
        self.assertEqual(
            [word for word in asked if word not in login],
            [shape_of(text) for text, _, _ in said],
        )


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


@unittest.skipUnless(has("pycurl"), "needs pycurl")
class Curl(Driver):
    def test_each_perform_is_an_operation(self) -> None:
        server = Server()
        self.addCleanup(server.close)
        collector = self.ran(
            """
            import sys, pycurl
            def fetch(url, **options):
                curl = pycurl.Curl()
                assert type(curl).__name__ == "Curl" and isinstance(curl, pycurl.Curl)
                curl.setopt(pycurl.URL, url)
                for name, value in options.items():
                    curl.setopt(getattr(pycurl, name), value)
                try:
                    return curl.perform_rb()
                except pycurl.error as error:
                    return error.args[0]
                finally:
                    curl.close()
            base = f"http://localhost:{sys.argv[1]}"
            assert len(fetch(base + "/secret/5?secret=/5")) == 5
            assert len(fetch(base + "/3", POSTFIELDS="secret")) == 3
            print(fetch("http://someone:secret@127.0.0.1:1/secret"))
            """,
            server.port,
        )
        self.assertEqual(self.printed, "7\n")
        host = f"localhost:{server.port}"
        found = [(one.statement, one.address, one.error) for one in collector.of("driver")]
        self.assertEqual(found, [("GET", host, ""), ("POST", host, ""), ("GET", "127.0.0.1:1", "7")])
        for one in collector.of("driver"):
            self.assertLess(one.start, one.end)


if __name__ == "__main__":
    unittest.main()
