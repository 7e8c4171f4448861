# mysqlclient (MySQLdb): libmysqlclient in C. In: its Python classes `Connection` and `BaseCursor`. Out: driver operations: the
# login, statements with their rows, COMMIT and ROLLBACK. Rows of unbuffered cursors (SSCursor) are not counted.

from __future__ import annotations

from .. import driver, guard
from ..driver import Peer
from ..hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def install_connections(module: ModuleType) -> None:
    wrap(module.Connection, "__init__", _init)
    wrap(module.Connection, "commit", _ending("COMMIT"))
    wrap(module.Connection, "rollback", _ending("ROLLBACK"))
    driver.install("mysqlclient")


def install_cursors(module: ModuleType) -> None:
    wrap(module.BaseCursor, "execute", _execute)
    wrap(module.BaseCursor, "callproc", _callproc)


def install(module: ModuleType) -> None:
    if module.__name__.endswith("cursors"):
        install_cursors(module)
    else:
        install_connections(module)


def _init(original: Any) -> Any:
    def __init__(self: Any, *args: Any, **named: Any) -> None:
        begun = driver.begin_set_up("mysql")
        peer = _peer_of_arguments(args, named)
        try:
            original(self, *args, **named)
        except Exception as error:
            driver.end_set_up(peer, begun, error)
            raise
        if begun is not None:
            self.__dict__["_wiretime_peer"] = peer
            driver.end_set_up(peer, begun)

    return __init__


def _peer_of_arguments(args: Any, named: Any) -> Peer:
    """host, user, password, database, port."""
    try:
        database = named.get("database") or named.get("db") or (args[3] if len(args) > 3 else "")
        host = named.get("host") or (args[0] if args else "") or "localhost"
        path = named.get("unix_socket")
        return Peer("mysql", str(path or f"{host}:{named.get('port') or 3306}"), _text(database))
    except Exception as error:
        guard.fail(error)
        return Peer("mysql", "", "")


def _text(name: Any) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name or "")


def _ending(statement: str) -> Any:
    def make(original: Any) -> Any:
        def end(self: Any, *args: Any) -> Any:
            peer = self.__dict__.get("_wiretime_peer")
            if peer is None:
                return original(self, *args)
            begun = driver.begin(peer, statement)
            try:
                result = original(self, *args)
            except BaseException as error:
                driver.end(peer, begun, statement, error=error)
                raise
            driver.end(peer, begun, statement)
            return result

        return end

    return make


def _execute(original: Any) -> Any:
    """`executemany` comes here as well: once, or once for each row."""

    def execute(self: Any, query: Any, args: Any = None) -> Any:
        peer = _peer_of(self)
        if peer is None:
            return original(self, query, args)
        has_values = args is not None
        begun = driver.begin(peer, query, has_values)
        try:
            result = original(self, query, args)
        except BaseException as error:
            driver.end(peer, begun, query, has_values, -1, error)
            raise
        driver.end(peer, begun, query, has_values, _rows_of(self), values=args)
        return result

    return execute


def _callproc(original: Any) -> Any:
    def callproc(self: Any, procname: Any, *args: Any) -> Any:
        peer = _peer_of(self)
        if peer is None:
            return original(self, procname, *args)
        statement = f"CALL {_text(procname)}()"
        begun = driver.begin(peer, statement)
        try:
            result = original(self, procname, *args)
        except BaseException as error:
            driver.end(peer, begun, statement, error=error)
            raise
        driver.end(peer, begun, statement, False, _rows_of(self))
        return result

    return callproc


def _peer_of(cursor: Any) -> Peer | None:
    connection = getattr(cursor, "connection", None)
    return getattr(connection, "__dict__", {}).get("_wiretime_peer")


def _rows_of(cursor: Any) -> int:
    """2^64 − 1 where the rows are yet to come."""
    rows = cursor.rowcount
    return rows if isinstance(rows, int) and rows < 1 << 31 else -1
