# pyodbc: ODBC in C, whose classes can have no subclasses. In: `pyodbc.connect`. Out: driver operations: the login, statements with their
# rows, COMMIT and ROLLBACK. What a program gets stands before the connection and its cursors, passes everything on, and has their
# class for whoever asks (`isinstance`, `__class__`); only `type(x)` sees it. Rows that are taken by iteration are not counted.

from __future__ import annotations

import re

from .. import driver, guard
from ..driver import Peer
from ..hook import wrap
from .fetched import Pending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

# SQLGetInfo: names that the driver knows without asking the server.
_DBMS_NAME = 17
_DATABASE_NAME = 16
# Beginning of what SQL_DBMS_NAME says, and the protocol's name; whatever else it is.
_PRODUCTS = (
    ("postgres", "postgres"),
    ("mysql", "mysql"),
    ("mariadb", "mysql"),
    ("sqlite", "sqlite"),
    ("microsoft sql", "mssql"),
)
_OTHER = "odbc"
_PORTS = {"postgres": "5432", "mysql": "3306", "mssql": "1433"}
_SETTING = re.compile(r"([^=;]+)=(\{(?:[^}]|\}\})*\}|[^;]*)")
_HOSTS = ("server", "servername", "host", "address", "addr", "dsn")


def install(module: ModuleType) -> None:
    wrap(module, "connect", _connect)
    driver.install("pyodbc")


def _connect(original: Any) -> Any:
    def connect(*args: Any, **named: Any) -> Any:
        begun = driver.begin_set_up(_OTHER)
        try:
            connection = original(*args, **named)
        except Exception as error:
            driver.end_set_up(_peer_of(None, args, named), begun, error)
            raise
        if begun is None:
            return connection
        peer = _peer_of(connection, args, named)
        driver.end_set_up(peer, begun)
        return _Connection(connection, peer)

    return connect


def _peer_of(connection: Any, args: Any, named: Any) -> Peer:
    try:
        text = str(args[0]) if args else ""
        settings = {name.strip().lower(): value.strip("{} ") for name, value in _SETTING.findall(text)}
        settings.update((name.lower(), str(value)) for name, value in named.items())
        product = _info(connection, _DBMS_NAME) or settings.get("driver", "")
        lower = product.lower()
        protocol = next((name for start, name in _PRODUCTS if start in lower), _OTHER)
        database = settings.get("database") or settings.get("db") or ""
        if protocol == "sqlite":
            return Peer(protocol, re.split(r"[\\/]", database)[-1] or "temporary", "")
        return Peer(protocol, _address_of(settings, protocol), database)
    except Exception as error:
        guard.fail(error)
        return Peer(_OTHER, "", "")


def _info(connection: Any, number: int) -> str:
    try:
        return str(connection.getinfo(number)) if connection is not None else ""
    except Exception:  # the driver does not say
        return ""


def _address_of(settings: dict[str, str], protocol: str) -> str:
    """`tcp:host,1433` and `host\\instance` are SQL Server's own."""
    host = next((settings[name] for name in _HOSTS if settings.get(name)), "")
    host, _, port = host.rpartition(":")[2].partition(",")
    port = port or settings.get("port") or _PORTS.get(protocol, "")
    return f"{host}:{port}" if port else host


class _Standing:
    """Before somebody else's object: has what that has, and its class."""

    __slots__ = ("__weakref__", "_wiretime_inner", "_wiretime_peer")

    if TYPE_CHECKING:
        _wiretime_inner: Any
        _wiretime_peer: Peer

    def __init__(self, inner: Any, peer: Peer) -> None:
        object.__setattr__(self, "_wiretime_inner", inner)
        object.__setattr__(self, "_wiretime_peer", peer)

    @property
    def __class__(self) -> Any:  # type: ignore[override]
        return self._wiretime_inner.__class__

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wiretime_inner, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._wiretime_inner, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._wiretime_inner, name)

    def __dir__(self) -> Any:
        return dir(self._wiretime_inner)

    def __repr__(self) -> str:
        return repr(self._wiretime_inner)


def _put(owner: _Standing, name: str, value: Any) -> None:
    object.__setattr__(owner, name, value)


class _Connection(_Standing):
    __slots__ = ("_wiretime_is_open",)

    def __init__(self, inner: Any, peer: Peer) -> None:
        super().__init__(inner, peer)
        # Something was asked since the last COMMIT.
        _put(self, "_wiretime_is_open", False)

    def cursor(self, *args: Any, **named: Any) -> Any:
        return _Cursor(self._wiretime_inner.cursor(*args, **named), self)

    def execute(self, *args: Any, **named: Any) -> Any:
        return self.cursor().execute(*args, **named)

    def commit(self) -> Any:
        return _end(self, "COMMIT", self._wiretime_inner.commit, ())

    def rollback(self) -> Any:
        return _end(self, "ROLLBACK", self._wiretime_inner.rollback, ())

    def __enter__(self) -> Any:
        self._wiretime_inner.__enter__()
        return self

    def __exit__(self, *args: Any) -> Any:
        statement = "COMMIT" if not args or args[0] is None else "ROLLBACK"
        return _end(self, statement, self._wiretime_inner.__exit__, args)


def _end(connection: Any, statement: str, original: Any, args: Any) -> Any:
    if not connection._wiretime_is_open or connection._wiretime_inner.autocommit:
        return original(*args)
    _put(connection, "_wiretime_is_open", False)
    peer = connection._wiretime_peer
    begun = driver.begin(peer, statement)
    try:
        result = original(*args)
    except BaseException as error:
        driver.end(peer, begun, statement, error=error)
        raise
    driver.end(peer, begun, statement)
    return result


class _Cursor(_Standing):
    __slots__ = ("_wiretime_connection", "_wiretime_pending")

    def __init__(self, inner: Any, connection: _Connection) -> None:
        super().__init__(inner, connection._wiretime_peer)
        _put(self, "_wiretime_connection", connection)
        _put(self, "_wiretime_pending", None)

    @property
    def connection(self) -> Any:
        return self._wiretime_connection

    def execute(self, *args: Any, **named: Any) -> Any:
        return _run(self, len(args) > 1, self._wiretime_inner.execute, args, named, True)

    def executemany(self, *args: Any, **named: Any) -> Any:
        return _run(self, True, self._wiretime_inner.executemany, args, named, False)

    def fetchone(self) -> Any:
        return _fetch(self, self._wiretime_inner.fetchone, 1)

    def fetchval(self) -> Any:
        """As pyodbc does it; of its own answer nobody could tell NULL from no row."""
        row = self.fetchone()
        return None if row is None else row[0]

    def fetchall(self) -> Any:
        return _fetch(self, self._wiretime_inner.fetchall, -1)

    def fetchmany(self, *args: Any, **named: Any) -> Any:
        size = args[0] if args else named.get("size", self._wiretime_inner.arraysize)
        return _fetch(self, self._wiretime_inner.fetchmany, size, args, named)

    def commit(self) -> Any:
        return _end(self._wiretime_connection, "COMMIT", self._wiretime_inner.commit, ())

    def rollback(self) -> Any:
        return _end(self._wiretime_connection, "ROLLBACK", self._wiretime_inner.rollback, ())

    def close(self) -> Any:
        _tell(self)
        return self._wiretime_inner.close()

    def __iter__(self) -> Any:
        """A call of Python for each row would cost as much as the row."""
        return iter(self._wiretime_inner)

    def __next__(self) -> Any:
        return next(self._wiretime_inner)

    def __enter__(self) -> Any:
        self._wiretime_inner.__enter__()
        return self

    def __exit__(self, *args: Any) -> Any:
        _tell(self)
        statement = "COMMIT" if not args or args[0] is None else "ROLLBACK"
        return _end(self._wiretime_connection, statement, self._wiretime_inner.__exit__, args)

    def __del__(self) -> None:
        _tell(self)


def _run(cursor: Any, has_values: bool, original: Any, args: Any, named: Any, is_counted: bool) -> Any:
    """`execute` answers the cursor itself. `is_counted`: its rows are those of all; of `executemany` they are those of the last."""
    _tell(cursor)
    peer = cursor._wiretime_peer
    statement = args[0] if args else ""
    begun = driver.begin_aside(peer, statement, has_values)
    _put(cursor._wiretime_connection, "_wiretime_is_open", True)
    inner = cursor._wiretime_inner
    try:
        result = original(*args, **named)
        has_rows = inner.description is not None
    except BaseException as error:
        driver.end(peer, begun, statement, has_values, -1, error)
        raise
    if begun is not None:
        if has_rows:
            _put(cursor, "_wiretime_pending", Pending(peer, begun, statement, has_values))
        else:
            driver.end(peer, begun, statement, has_values, inner.rowcount if is_counted else -1)
    return cursor if result is inner else result


def _fetch(cursor: Any, original: Any, limit: Any, args: Any = (), named: Any = {}) -> Any:  # noqa: B006
    pending = cursor._wiretime_pending
    if pending is None:
        return original(*args, **named)
    result = pending.fetch(original, args, named)
    if pending.is_last(result, limit):
        _tell(cursor)
    return result


def _tell(cursor: Any) -> None:
    """Also of a cursor that could not be made."""
    pending = getattr(cursor, "_wiretime_pending", None)
    if pending is not None:
        _put(cursor, "_wiretime_pending", None)
        pending.tell()
