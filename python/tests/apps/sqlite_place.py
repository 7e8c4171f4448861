# A statement on line 7.

import sqlite3


def ask(db):
    return db.execute("SELECT 1").fetchall()


ask(sqlite3.connect(":memory:"))
