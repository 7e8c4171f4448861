# psycopg2 and psycopg 3: what the agent says they did is what PostgreSQL logged.

from __future__ import annotations

import os
import sys
import unittest
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import databases
from databases import HAS_SERVERS, SERVERS
from programs import has
from traced_driver import Driver, shape_of


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


if __name__ == "__main__":
    unittest.main()
