# psycopg2: libpq in C. In: `psycopg2.connect`, and subclasses of the connection and cursor that it would have made.
# Out: driver operations: the login, statements with their rows, COMMIT and ROLLBACK, FETCH of cursors in the server.
# Rows of other cursors have arrived when `execute` returns. Asynchronous connections are not traced.
# The base of the classes here is only known when the driver is there.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false, reportPrivateUsage=false

from __future__ import annotations

from .. import driver, guard
from ..coverage import note_not_visible
from ..driver import Peer
from ..hook import wrap
from .traced_class import become_traced, makes_own, traced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    Base = Any
else:
    Base = object

# `connection.status` outside of a transaction: COMMIT sends nothing.
_READY = 1


def install(module: ModuleType) -> None:
    wrap(module, "_connect", _connecting(module.extensions.connection))
    _Connection.default_cursor = module.extensions.cursor
    driver.install("psycopg2")


def _connecting(default: Any) -> Any:
    def make(original: Any) -> Any:
        def _connect(dsn: Any, connection_factory: Any = None, **named: Any) -> Any:
            if not guard.active or named.get("async") or named.get("async_"):
                note_not_visible("psycopg2 (asynchronous)") if guard.active else None
                return original(dsn, connection_factory=connection_factory, **named)
            factory = traced(connection_factory or default, _Connection)
            begun = driver.begin_set_up("postgres")
            try:
                connection = original(dsn, connection_factory=factory, **named)
            except Exception as error:
                driver.end_set_up(_unknown(dsn), begun, error)
                raise
            _connected(connection, begun)
            return connection

        return _connect

    return make


def _unknown(dsn: Any) -> Peer:
    """Of a connection that could not be made: the rest of the text may hold a password."""
    parts = dict(part.split("=", 1) for part in str(dsn).split() if "=" in part)
    address = f"{parts.get('host', '')}:{parts.get('port', '5432')}"
    return Peer("postgres", address.strip("'"), parts.get("dbname", ""))


def _connected(connection: Any, begun: Any) -> None:
    if not isinstance(connection, _Connection):
        return
    try:
        info = connection.info
        peer = connection._wiretime_peer = Peer(
            "postgres", postgres_address(info.host, info.port), info.dbname or ""
        )
        driver.end_set_up(peer, begun)
    except Exception as error:
        guard.fail(error)


def postgres_address(host: Any, port: Any) -> str:
    host = str(host or "")
    return host if host.startswith("/") else f"{host}:{port}"


def _late(args: Any) -> dict[str, Any]:
    """What stands behind the factory among the arguments of `cursor`."""
    return dict(zip(("withhold", "scrollable"), args[2:]))


class _Connection(Base):
    _wiretime_peer: Any = None
    default_cursor: Any = None

    def cursor(self, *args: Any, **named: Any) -> Any:
        peer = self._wiretime_peer
        if peer is None or not guard.active:
            return super().cursor(*args, **named)
        asked = args[1] if len(args) > 1 else named.pop("cursor_factory", None)
        if asked is None and makes_own(self, _Connection):
            return become_traced(super().cursor(*args[:1], **named), _Cursor)
        factory = traced(asked or self.cursor_factory or self.default_cursor, _Cursor)
        named["cursor_factory"] = factory
        return super().cursor(*args[:1], **_late(args), **named)

    def commit(self) -> None:
        return self._wiretime_end("COMMIT", super().commit)

    def rollback(self) -> None:
        return self._wiretime_end("ROLLBACK", super().rollback)

    def _wiretime_end(self, statement: str, original: Any) -> None:
        peer = self._wiretime_peer
        if peer is None or self.status == _READY:
            return original()
        begun = driver.begin(peer, statement)
        try:
            result = original()
        except BaseException as error:
            driver.end(peer, begun, statement, error=error)
            raise
        driver.end(peer, begun, statement)
        return result


class _Cursor(Base):
    def execute(self, query: Any, vars: Any = None) -> Any:
        return _run(self, query, vars is not None, super().execute, query, vars)

    def executemany(self, query: Any, vars_list: Any) -> Any:
        return _run(self, query, True, super().executemany, query, vars_list)

    def callproc(self, procname: Any, *args: Any) -> Any:
        return _run(
            self,
            f"SELECT * FROM {procname}()",
            False,
            super().callproc,
            procname,
            *args,
        )

    def copy_expert(self, sql: Any, file: Any, *args: Any, **named: Any) -> Any:
        return _run(self, sql, False, super().copy_expert, sql, file, *args, **named)

    def copy_from(self, file: Any, table: Any, *args: Any, **named: Any) -> Any:
        return _run(
            self,
            f"COPY {table} FROM STDIN",
            False,
            super().copy_from,
            file,
            table,
            *args,
            **named,
        )

    def copy_to(self, file: Any, table: Any, *args: Any, **named: Any) -> Any:
        return _run(
            self,
            f"COPY {table} TO STDOUT",
            False,
            super().copy_to,
            file,
            table,
            *args,
            **named,
        )

    def fetchone(self) -> Any:
        return super().fetchone() if self.name is None else _fetch(self, super().fetchone)

    def fetchmany(self, *args: Any, **named: Any) -> Any:
        if self.name is None:
            return super().fetchmany(*args, **named)
        return _fetch(self, super().fetchmany, *args, **named)

    def fetchall(self) -> Any:
        return super().fetchall() if self.name is None else _fetch(self, super().fetchall)

    def close(self) -> None:
        if self.name is None or self.closed:
            return super().close()
        return _run(self, f'CLOSE "{self.name}"', False, super().close)


def _run(
    cursor: Any,
    statement: Any,
    has_values: bool,
    original: Any,
    *args: Any,
    **named: Any,
) -> Any:
    peer = getattr(cursor.connection, "_wiretime_peer", None)
    if peer is None:
        return original(*args, **named)
    begun = driver.begin(peer, statement, has_values)
    try:
        result = original(*args, **named)
    except BaseException as error:
        driver.end(peer, begun, _text(cursor, statement), has_values, -1, error)
        raise
    is_in_server = cursor.name is not None
    rows = -1 if is_in_server else cursor.rowcount
    # The values, when there are any, come behind the statement.
    values = args[1] if has_values and len(args) > 1 else None
    driver.end(peer, begun, _text(cursor, statement), has_values, rows, values=values)
    return result


def _text(cursor: Any, statement: Any) -> str:
    """Composed statements are a text only when they were run."""
    try:
        text = driver.text_of(statement) or driver.text_of(cursor.query)
        is_in_server = cursor.name is not None and not cursor.closed
        return f'DECLARE "{cursor.name}" CURSOR FOR {text}' if is_in_server else text
    except Exception as error:
        guard.fail(error)
        return ""


def _fetch(cursor: Any, original: Any, *args: Any, **named: Any) -> Any:
    peer = getattr(cursor.connection, "_wiretime_peer", None)
    if peer is None:
        return original(*args, **named)
    statement = f'FETCH FROM "{cursor.name}"'
    begun = driver.begin(peer, statement)
    try:
        result = original(*args, **named)
    except BaseException as error:
        driver.end(peer, begun, statement, error=error)
        raise
    rows = len(result) if isinstance(result, list) else int(result is not None)
    driver.end(peer, begun, statement, False, rows)
    return result
