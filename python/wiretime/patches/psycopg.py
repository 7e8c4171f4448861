# psycopg 3, pure or in C, blocking or asynchronous: libpq either way. In: `connect`, cursors, and the commands that connections
# send by themselves (BEGIN, COMMIT, SAVEPOINT, FETCH). Out: driver operations. Rows have arrived when `execute` returns, except
# those of cursors in the server, which are fetched.

from __future__ import annotations

from .. import driver, guard
from ..driver import Peer
from ..hook import is_ours, wrap
from .psycopg2 import postgres_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


# pq.ExecStatus.
_TUPLES_OK = 2
_ABSENT: Any = object()


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
    if not hasattr(method, "__func__") or is_ours(method.__func__):
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
            driver.end_set_up(_unknown(named), begun, error)
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
            driver.end_set_up(_unknown(named), begun, error)
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
        connection._wiretime_peer = peer
        driver.end_set_up(peer, begun)
    except Exception as error:
        guard.fail(error)


def _exec_command(original: Any) -> Any:
    """A generator that asks to wait for the socket."""

    def _exec_command(self: Any, command: Any, *args: Any, **named: Any) -> Any:
        peer = getattr(self, "_wiretime_peer", None)
        if peer is None:
            return (yield from original(self, command, *args, **named))  # pyright: ignore[reportUnknownVariableType]
        statement = _text_of(command, self)
        begun = driver.begin_aside(peer, statement)
        try:
            result: Any = yield from original(self, command, *args, **named)  # pyright: ignore[reportUnknownVariableType]
        except BaseException as error:
            driver.end(peer, begun, statement, error=error)
            raise
        driver.end(peer, begun, statement, False, _rows_of(result))
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


def _statement(cursor: Any, query: Any) -> str:
    """Of what is no plain text, or runs in a cursor of the server. A composed statement is a text only when it was run."""
    try:
        text = driver.text_of(query)
        if text == "":
            text = driver.text_of(getattr(getattr(cursor, "_query", None), "query", b""))
        is_in_server = hasattr(cursor, "scrollable")
        return f'DECLARE "{cursor.name}" CURSOR FOR {text}' if is_in_server else text
    except Exception as error:
        guard.fail(error)
        return ""


def _running(original: Any) -> Any:
    is_plain = not original.__qualname__.startswith("Server")

    def execute(
        self: Any, query: Any, params: Any = _ABSENT, *args: Any, prepare: Any = _ABSENT, **named: Any
    ) -> Any:
        try:
            peer = self._conn._wiretime_peer
        except AttributeError:
            peer = None
        if peer is None or params is _ABSENT or args or named:
            if prepare is not _ABSENT:
                named["prepare"] = prepare
            if params is not _ABSENT:
                args = (params, *args)
            return _run(original, peer, self, query, args, named)
        begun = driver.begin(peer, query, params is not None)
        try:
            # As nearly always: neither a tuple nor a dictionary of arguments has to be made.
            if prepare is _ABSENT:
                result = original(self, query, params)
            else:
                result = original(self, query, params, prepare=prepare)
        except BaseException as error:
            driver.end(peer, begun, _statement(self, query), params is not None, -1, error)
            raise
        statement = query if is_plain and query.__class__ is str else _statement(self, query)
        driver.end(peer, begun, statement, params is not None, self._rowcount, values=params)
        return result

    return execute


def _run(original: Any, peer: Peer | None, cursor: Any, query: Any, args: Any, named: Any) -> Any:
    """`execute` and `executemany` with whatever arguments."""
    if peer is None:
        return original(cursor, query, *args, **named)
    has_values = _has_values(args, named)
    begun = driver.begin(peer, query, has_values)
    try:
        result = original(cursor, query, *args, **named)
    except BaseException as error:
        driver.end(peer, begun, _statement(cursor, query), has_values, -1, error)
        raise
    driver.end(peer, begun, _statement(cursor, query), has_values, cursor.rowcount)
    return result


def _running_async(original: Any) -> Any:
    async def execute(self: Any, query: Any, *args: Any, **named: Any) -> Any:
        peer = getattr(self.connection, "_wiretime_peer", None)
        if peer is None:
            return await original(self, query, *args, **named)
        has_values = _has_values(args, named)
        begun = driver.begin_aside(peer, query, has_values)
        try:
            result = await original(self, query, *args, **named)
        except BaseException as error:
            driver.end(peer, begun, _statement(self, query), has_values, -1, error)
            raise
        driver.end(peer, begun, _statement(self, query), has_values, self.rowcount)
        return result

    return execute


def _has_values(args: Any, named: Any) -> bool:
    return (args[0] if args else named.get("params", named.get("params_seq"))) is not None
