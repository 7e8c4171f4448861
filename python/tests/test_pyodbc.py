# pyodbc: what the agent says it did is what PostgreSQL logged; what the program sees is what it would have seen. Needs unixODBC's
# drivers (apt: odbc-postgresql, libsqliteodbc, odbc-mariadb): each test is left out without its own.

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import unittest
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import databases
from databases import HAS_SERVERS, SERVERS
from programs import PYTHON, has
from traced_driver import Driver, shape_of

LIST = "import pyodbc; print('\\n'.join(pyodbc.drivers()))"
INSTALLED = (
    subprocess.run([PYTHON, "-c", LIST], capture_output=True, text=True, check=False).stdout.splitlines()
    if has("pyodbc")
    else []
)
# Everything that a program may ask a connection and a cursor, and what they are.
LOOKS = """
    import gc, pyodbc, sys, weakref
    db = pyodbc.connect(sys.argv[1])
    cursor = db.cursor()
    def show(ask):
        try:
            print(ask())
        except Exception as error:
            print(type(error).__name__, error)
    for ask in (
        lambda: isinstance(db, pyodbc.Connection), lambda: isinstance(cursor, pyodbc.Cursor),
        lambda: (db.__class__, cursor.__class__), lambda: cursor.connection is db,
        lambda: sorted(dir(db)), lambda: sorted(dir(cursor)), lambda: (db.autocommit, db.timeout, cursor.arraysize),
        lambda: setattr(db, "autocommit", True), lambda: db.autocommit, lambda: setattr(cursor, "arraysize", 3),
        lambda: cursor.arraysize, lambda: setattr(db, "nothing", 1), lambda: setattr(cursor, "nothing", 1),
        lambda: db.nothing, lambda: delattr(db, "autocommit"), lambda: setattr(db, "autocommit", False),
        lambda: cursor.execute(), lambda: cursor.execute(5), lambda: cursor.execute("SELECT ?", 1, 2),
        lambda: cursor.execute("SELECT nothing"), lambda: cursor.fetchone(), lambda: cursor.execute("SELECT 1") is cursor,
        lambda: cursor.fetchval(), lambda: cursor.fetchval(), lambda: cursor.execute("SELECT NULL").fetchval(),
        lambda: cursor.execute("SELECT 1 UNION SELECT 2 ORDER BY 1").fetchmany(), lambda: list(cursor),
        lambda: [row[0] for row in cursor.execute("SELECT 1 UNION SELECT 2 ORDER BY 1")],
        lambda: next(cursor.execute("SELECT 7")), lambda: cursor.fetchmany("x"), lambda: cursor.executemany("SELECT ?", 5),
        lambda: db.execute("SELECT 8").fetchone()[0], lambda: db.execute("SELECT 9").fetchall()[0].cursor_description,
        lambda: cursor.rowcount, lambda: cursor.description, lambda: cursor.skip(1), lambda: cursor.nextset(),
        lambda: cursor.tables(table="none").fetchall(), lambda: hash(db) == hash(db), lambda: db == db,
        lambda: bool(db), lambda: db.commit(), lambda: db.rollback(), lambda: cursor.commit(), lambda: cursor.close(),
        lambda: cursor.close(), lambda: cursor.execute("SELECT 1"), lambda: db.__enter__() is db,
        lambda: db.__exit__(None, None, None), lambda: db.close(), lambda: db.execute("SELECT 1"), lambda: db.commit(),
    ):
        show(ask)
"""


@unittest.skipUnless(has("pyodbc"), "needs pyodbc")
class Odbc(Driver):
    @unittest.skipUnless(
        HAS_SERVERS and "PostgreSQL Unicode" in INSTALLED, "needs servers and odbc-postgresql"
    )
    def test_postgres(self) -> None:
        databases.log_postgres_statements()
        server, name = SERVERS["postgres"], "t" + uuid.uuid4().hex[:12]
        collector = self.ran(
            """
            import sys, pyodbc
            port, password, name = sys.argv[1:]
            db = pyodbc.connect(
                f"DRIVER={{PostgreSQL Unicode}};SERVER=127.0.0.1;PORT={port};DATABASE=postgres",
                UID="postgres", PWD=password, autocommit=False)
            cursor = db.cursor()
            cursor.execute(f"SET application_name = '{name}'")
            cursor.execute(f"CREATE TABLE {name} (id int, word text)")
            cursor.executemany(f"INSERT INTO {name} VALUES (?, ?)", [(n, "w") for n in range(7)])
            db.commit()
            db.commit()
            assert len(cursor.execute(f"SELECT * FROM {name} WHERE id < ?", 5).fetchall()) == 5
            assert len(cursor.execute(f"SELECT id FROM {name}").fetchmany(4)) == 4
            assert len(cursor.fetchall()) == 3
            assert cursor.execute(f"SELECT count(*) FROM {name}").fetchval() == 7
            assert sum(1 for _ in db.execute(f"SELECT word FROM {name}")) == 7
            try:
                cursor.execute("SELECT nothing")
            except pyodbc.Error as error:
                print(error.args[0])
                db.rollback()
            with db:
                db.execute(f"UPDATE {name} SET word = 'x' WHERE id > 2")
            db.close()
            """,
            server["port"],
            server["password"],
            name,
        )
        self.assertEqual(self.printed, "42703\n")
        self.assertEqual(self.logins(collector), [("postgres", f"127.0.0.1:{server['port']}", "postgres")])
        said = self.operations(collector)
        self.assertEqual(
            said,
            [
                (f"SET application_name = '{name}'", -1, ""),
                (f"CREATE TABLE {name} (id int, word text)", 0, ""),
                (f"INSERT INTO {name} VALUES (?, ?)", -1, ""),
                ("COMMIT", -1, ""),
                (f"SELECT * FROM {name} WHERE id < ?", 5, ""),
                (f"SELECT id FROM {name}", 7, ""),
                (f"SELECT word FROM {name}", -1, ""),
                # Told when its cursor is used again: there may have been another row.
                (f"SELECT count(*) FROM {name}", 1, ""),
                ("SELECT nothing", -1, "42703"),
                ("ROLLBACK", -1, ""),
                (f"UPDATE {name} SET word = 'x' WHERE id > 2", 4, ""),
                ("COMMIT", -1, ""),
            ],
        )
        # What the driver adds: transactions, savepoints, a look into the catalogue, and one INSERT for each row of executemany.
        logged = ";".join(databases.postgres_statements(name)).split(";")
        asked = [text for text in logged if not text.startswith(("ROLLBACK TO", "select n.nspname"))]
        added = ("BEGIN", "DEALLOCATE", "INSERT", "RELEASE", "SAVEPOINT")
        self.assertEqual([shape_of(text) for text in asked].count("INSERT"), 7)
        told = sorted(collector.of("driver"), key=lambda one: one.start)[2:]
        self.assertEqual(
            [shape_of(one.statement) for one in told if shape_of(one.statement) not in added],
            [shape_of(text) for text in asked if shape_of(text) not in added],
        )

    @unittest.skipUnless("SQLite3" in INSTALLED, "needs libsqliteodbc")
    def test_the_program_sees_what_it_would_have_seen(self) -> None:
        code, text = textwrap.dedent(LOOKS), "DRIVER=SQLite3;Database=:memory:"
        without = subprocess.run(
            [PYTHON, "-c", code, text], capture_output=True, text=True, check=True, timeout=30
        )
        collector = self.ran(code, text)
        self.assertEqual(self.printed.splitlines(), without.stdout.splitlines())
        self.assertGreater(len(without.stdout.splitlines()), 40)
        self.assertEqual(self.logins(collector), [("sqlite", ":memory:", "")])

    @unittest.skipUnless(
        HAS_SERVERS and has("sqlalchemy") and "MariaDB Unicode" in INSTALLED,
        "needs SQLAlchemy and odbc-mariadb",
    )
    def test_under_sqlalchemy(self) -> None:
        server = SERVERS["mariadb"]
        collector = self.ran(
            """
            import sys
            from sqlalchemy import create_engine, text
            from sqlalchemy.engine import URL
            port, user, password, database = sys.argv[1:]
            where = f"DRIVER={{MariaDB Unicode}};SERVER=127.0.0.1;PORT={port};DATABASE={database};UID={user};PWD={password}"
            engine = create_engine(URL.create("mysql+pyodbc", query={"odbc_connect": where}))
            with engine.begin() as db:
                assert db.execute(text("SELECT :n AS n"), {"n": 7}).all() == [(7,)]
            with engine.connect() as db:
                assert db.execute(text("SELECT 8")).scalar() == 8
            engine.dispose()
            """,
            *(server[key] for key in ("port", "user", "password", "database")),
        )
        self.assertEqual(
            self.logins(collector), [("mysql", f"127.0.0.1:{server['port']}", server["database"])]
        )
        said = [
            one for one in self.operations(collector) if one[0].startswith(("SELECT ?", "SELECT 8", "COMMIT"))
        ]
        self.assertEqual(said[-3:], [("SELECT ? AS n", 1, ""), ("COMMIT", -1, ""), ("SELECT 8", 1, "")])


if __name__ == "__main__":
    unittest.main()
