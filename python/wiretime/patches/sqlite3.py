# sqlite3: a database in a file of the process itself. In: `sqlite3.connect`, and subclasses of the connection and cursor that it
# would have made. Out: driver operations. SQLite finds rows while they are fetched: an operation is as long as its `execute` and
# its `fetch…` take together, and is told when the last row was fetched, or the cursor is used again or gone.
# Rows taken by iteration are not counted: it would cost as much as the row itself.
# The base of the classes here is only known when the driver is there.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false, reportPrivateUsage=false

from __future__ import annotations

import os
import sys

from .. import driver, guard
from ..driver import Peer
from ..hook import wrap
from .fetched import Pending
from .traced_class import become_traced, makes_own, traced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    Base = Any
else:
    Base = object

# Position of `factory` among the arguments of connect.
_FACTORY = 5
# None is an error.
_NOT_ASKED = object()


def install(module: ModuleType) -> None:
    """`module` is sqlite3.dbapi2, from which sqlite3 takes its names."""
    _Connection.default_cursor = module.Cursor
    _Connection.plain_cursor = module.Connection.cursor
    wrap(module, "connect", _connecting(module.Connection))
    driver.install("sqlite3")


def _connecting(default: Any) -> Any:
    def make(original: Any) -> Any:
        def connect(*args: Any, **named: Any) -> Any:
            if not guard.active:
                return original(*args, **named)
            if len(args) > _FACTORY:
                args = (
                    *args[:_FACTORY],
                    traced(args[_FACTORY], _Connection),
                    *args[_FACTORY + 1 :],
                )
            else:
                named["factory"] = traced(named.get("factory", default), _Connection)
            connection = original(*args, **named)
            if isinstance(connection, _Connection):
                connection._wiretime_peer = Peer(
                    "sqlite", _name_of(args[0] if args else named.get("database")), ""
                )
            return connection

        return connect

    return make


def _name_of(database: Any) -> str:
    """Of the file: where it lies may name people."""
    try:
        return os.path.basename(os.fsdecode(database).partition("?")[0]) or "temporary"
    except TypeError:
        return ""


class _Connection(Base):
    _wiretime_peer: Any = None
    default_cursor: Any = None
    plain_cursor: Any = None

    def cursor(self, *args: Any, **named: Any) -> Any:
        asked = args[0] if args else named.pop("factory", _NOT_ASKED)
        if asked is _NOT_ASKED and makes_own(self, _Connection):
            return become_traced(super().cursor(**named), _Cursor)
        asked = self.default_cursor if asked is _NOT_ASKED else asked
        return super().cursor(traced(asked, _Cursor), *args[1:], **named)

    def execute(self, *args: Any) -> Any:
        return self._wiretime_shortcut().execute(*args)

    def executemany(self, *args: Any) -> Any:
        return self._wiretime_shortcut().executemany(*args)

    def executescript(self, *args: Any) -> Any:
        return self._wiretime_shortcut().executescript(*args)

    def _wiretime_shortcut(self) -> Any:
        """Since 3.11 these pass over a `cursor` method of the program's class."""
        if sys.version_info < (3, 11):
            return self.cursor()
        return _Connection.plain_cursor(self, traced(self.default_cursor, _Cursor))

    def commit(self) -> None:
        return self._wiretime_end("COMMIT", super().commit)

    def rollback(self) -> None:
        return self._wiretime_end("ROLLBACK", super().rollback)

    def __exit__(self, *args: Any) -> Any:
        statement = "COMMIT" if not args or args[0] is None else "ROLLBACK"
        return self._wiretime_end(statement, super().__exit__, *args)

    def _wiretime_end(self, statement: str, original: Any, *args: Any) -> Any:
        peer = self._wiretime_peer
        if peer is None or not self.in_transaction:
            return original(*args)
        begun = driver.begin(peer, statement)
        try:
            result = original(*args)
        except BaseException as error:
            driver.end(peer, begun, statement, error=error)
            raise
        driver.end(peer, begun, statement)
        return result


class _Cursor(Base):
    _wiretime_pending: Any = None

    def execute(self, sql: Any, *args: Any) -> Any:
        return self._wiretime_run(sql, bool(args), super().execute, sql, *args)

    def executemany(self, sql: Any, *args: Any) -> Any:
        return self._wiretime_run(sql, True, super().executemany, sql, *args)

    def executescript(self, script: Any) -> Any:
        return self._wiretime_run(script, False, super().executescript, script)

    def _wiretime_run(self, sql: Any, has_values: bool, original: Any, *args: Any) -> Any:
        self._wiretime_tell()
        peer = getattr(self.connection, "_wiretime_peer", None)
        if peer is None:
            return original(*args)
        begun = driver.begin_aside(peer, sql, has_values)
        try:
            result = original(*args)
        except BaseException as error:
            driver.end(peer, begun, sql, has_values, -1, error)
            raise
        if self.description is None:
            driver.end(peer, begun, sql, has_values, self.rowcount)
        elif begun is not None:
            self._wiretime_pending = Pending(peer, begun, sql, has_values)
        return result

    def fetchone(self) -> Any:
        return self._wiretime_fetch(super().fetchone, 1, (), {})

    def fetchmany(self, *args: Any, **named: Any) -> Any:
        size = args[0] if args else named.get("size", self.arraysize)
        return self._wiretime_fetch(super().fetchmany, size, args, named)

    def fetchall(self) -> Any:
        return self._wiretime_fetch(super().fetchall, -1, (), {})

    def _wiretime_fetch(self, original: Any, limit: Any, args: Any, named: Any) -> Any:
        """`limit`: fewer rows than that are the last ones; -1: these are."""
        pending = self._wiretime_pending
        if pending is None:
            return original(*args, **named)
        result = pending.fetch(original, args, named)
        if pending.is_last(result, limit):
            self._wiretime_tell()
        return result

    def close(self) -> None:
        self._wiretime_tell()
        return super().close()

    def __del__(self) -> None:
        self._wiretime_tell()

    def _wiretime_tell(self) -> None:
        pending = self._wiretime_pending
        if pending is not None:
            self._wiretime_pending = None
            pending.tell()
