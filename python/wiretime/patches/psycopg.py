# psycopg 3, pure or in C, blocking or asynchronous: libpq either way. In: `connect`, cursors, and the commands that connections
# send by themselves (BEGIN, COMMIT, SAVEPOINT, FETCH). Out: driver operations. Rows have arrived when `execute` returns, except
# those of cursors in the server, which are fetched.

from __future__ import annotations

from .. import driver, guard
from ..driver import Peer
from ..hook import wrap
from .psycopg2 import postgres_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


# pq.ExecStatus.
_TUPLES_OK = 2


def install(module: Any) -> None:
    _wrap_connect(module.Connection, _connect)
    _wrap_connect(module.AsyncConnection, _connect_async)
    # `from .connection import Connection`: `psycopg.connect` was bound to the class method before.
    module.connect = module.Connection.connect
    for base in _owners(module.Connection, "_exec_command"):
        wrap(base, "_exec_command", _exec_command)
    for name in ("Cursor", "ServerCursor"):
        _patch_cursor(getattr(module, name, None), is_async=False)
        _patch_cursor(getattr(module, "Async" + name, None), is_async=True)
    driver.install("psycopg")


def _owners(cls: Any, name: str) -> list[Any]:
    return [base for base in cls.__mro__ if name in base.__dict__][:1]


def _wrap_connect(cls: Any, make: Any) -> None:
    method: Any = cls.__dict__.get("connect")
    if not hasattr(method, "__func__") or hasattr(method.__func__, "_is_wiretime"):
        return
    holder = type("holder", (), {"connect": staticmethod(method.__func__)})
    wrap(holder, "connect", make)
    cls.connect = classmethod(holder.__dict__["connect"])


def _connect(original: Any) -> Any:
    def connect(cls: Any, *args: Any, **named: Any) -> Any:
        begun = driver.begin_set_up("postgres")
        try:
            connection = original(cls, *args, **named)
        except Exception as error:
            driver.end(_unknown(named), begun, error=error)
            raise
        _connected(connection, begun)
        return connection

    return connect


def _connect_async(original: Any) -> Any:
    async def connect(cls: Any, *args: Any, **named: Any) -> Any:
        begun = driver.begin_set_up("postgres")
        try:
            connection = await original(cls, *args, **named)
        except Exception as error:
            driver.end(_unknown(named), begun, error=error)
            raise
        _connected(connection, begun)
        return connection

    return connect


def _unknown(named: Any) -> Peer:
    return Peer(
        "postgres",
        f"{named.get('host', '')}:{named.get('port', 5432)}",
        str(named.get("dbname", "")),
    )


def _connected(connection: Any, begun: Any) -> None:
    if begun is None:
        return
    try:
        info = connection.info
        peer = Peer("postgres", postgres_address(info.host, info.port), info.dbname or "")
        connection.__dict__["_wiretime_peer"] = peer
        driver.end(peer, begun)
    except Exception as error:
        guard.fail(error)


def _peer_of(connection: Any) -> Peer | None:
    return connection.__dict__.get("_wiretime_peer")


def _exec_command(original: Any) -> Any:
    """A generator that asks to wait for the socket."""

    def _exec_command(self: Any, command: Any, *args: Any, **named: Any) -> Any:
        peer = _peer_of(self)
        if peer is None:
            return (yield from original(self, command, *args, **named))  # pyright: ignore[reportUnknownVariableType]
        begun = driver.begin(peer, _text_of(command, self))
        try:
            result: Any = yield from original(self, command, *args, **named)  # pyright: ignore[reportUnknownVariableType]
        except BaseException as error:
            driver.end(peer, begun, error=error)
            raise
        driver.end(peer, begun, _rows_of(result))
        return result  # pyright: ignore[reportUnknownVariableType]

    return _exec_command


def _rows_of(result: Any) -> int:
    """Of FETCH; the other commands have none."""
    return result.ntuples if getattr(result, "status", None) == _TUPLES_OK else -1


def _text_of(command: Any, connection: Any) -> Any:
    """SAVEPOINT and the like are composed with a name."""
    compose = getattr(command, "as_bytes", None)
    return command if compose is None else compose(connection)


def _patch_cursor(cls: Any, is_async: bool) -> None:
    if cls is None:
        return
    for name in ("execute", "executemany"):
        for base in _owners(cls, name):
            wrap(base, name, _running_async if is_async else _running)


def _begin(cursor: Any, query: Any, args: Any, named: Any) -> tuple[Peer, Any] | None:
    peer: Peer | None = cursor.connection.__dict__.get("_wiretime_peer")
    if peer is None:
        return None
    values = args[0] if args else (named.get("params", named.get("params_seq")) if named else None)
    return (peer, driver.begin(peer, query, values is not None))


def _end(begun: Any, cursor: Any, rows: int, error: BaseException | None = None) -> None:
    if begun is None or begun[1] is None:
        return
    peer, operation = begun
    try:
        if operation.statement == "":
            # A composed statement is a text only now.
            operation.statement = driver.text_of(getattr(getattr(cursor, "_query", None), "query", b""))
        if hasattr(cursor, "scrollable"):
            # Of a cursor in the server.
            operation.statement = f'DECLARE "{cursor.name}" CURSOR FOR {operation.statement}'
    except Exception as own:
        guard.fail(own)
    driver.finish(peer, operation, 0, rows, error)


def _running(original: Any) -> Any:
    def execute(self: Any, query: Any, *args: Any, **named: Any) -> Any:
        begun = _begin(self, query, args, named)
        try:
            result = original(self, query, *args, **named)
        except BaseException as error:
            _end(begun, self, -1, error)
            raise
        _end(begun, self, self.rowcount)
        return result

    return execute


def _running_async(original: Any) -> Any:
    async def execute(self: Any, query: Any, *args: Any, **named: Any) -> Any:
        begun = _begin(self, query, args, named)
        try:
            result = await original(self, query, *args, **named)
        except BaseException as error:
            _end(begun, self, -1, error)
            raise
        _end(begun, self, self.rowcount)
        return result

    return execute
