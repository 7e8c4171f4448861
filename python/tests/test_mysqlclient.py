# mysqlclient: what the agent says it did is what MariaDB logged.

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


if __name__ == "__main__":
    unittest.main()
