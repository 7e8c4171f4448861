# Pools of database drivers and HTTP clients. In: their functions that answer when a connection is free. Out: how long that took.
# A pool that never lets anybody wait is not here.

from __future__ import annotations

from ..pools import connection_of, patch_wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def install(module: ModuleType) -> None:
    _INSTALL[module.__name__](module)


def _sqlalchemy(module: ModuleType) -> None:
    patch_wait(module.QueuePool, "_do_get", "sqlalchemy")


def _psycopg_pool(module: ModuleType) -> None:
    patch_wait(module.ConnectionPool, "getconn", "psycopg_pool")


def _psycopg_pool_async(module: ModuleType) -> None:
    patch_wait(module.AsyncConnectionPool, "getconn", "psycopg_pool", is_async=True)


def _asyncpg(module: ModuleType) -> None:
    patch_wait(module.Pool, "_acquire", "asyncpg", is_async=True, connection=_of_asyncpg)


def _of_asyncpg(_pool: Any, answer: Any) -> int:
    """On uvloop its transport is ours: 12 functions fewer to call than to look for it."""
    transport = getattr(getattr(answer, "_con", None), "_transport", None)
    state: Any = getattr(transport, "wiretime_state", None)
    return connection_of(answer) if state is None else state.id


def _redis(module: ModuleType) -> None:
    patch_wait(module.BlockingConnectionPool, "get_connection", "redis")


def _redis_async(module: ModuleType) -> None:
    patch_wait(module.BlockingConnectionPool, "get_connection", "redis", is_async=True)


def _urllib3(module: ModuleType) -> None:
    patch_wait(module.HTTPConnectionPool, "_get_conn", "urllib3")


def _httpcore(module: ModuleType) -> None:
    patch_wait(module.PoolRequest, "wait_for_connection", "httpx", connection=_unknown)


def _httpcore_async(module: ModuleType) -> None:
    patch_wait(
        module.AsyncPoolRequest,
        "wait_for_connection",
        "httpx",
        is_async=True,
        connection=_unknown,
    )


def _unknown(_pool: Any, _answer: Any) -> int:
    """It may not be open yet; the request is written next."""
    return 0


_INSTALL = {
    "sqlalchemy.pool.impl": _sqlalchemy,
    "psycopg_pool.pool": _psycopg_pool,
    "psycopg_pool.pool_async": _psycopg_pool_async,
    "asyncpg.pool": _asyncpg,
    "redis.connection": _redis,
    "redis.asyncio.connection": _redis_async,
    "urllib3.connectionpool": _urllib3,
    "httpcore._sync.connection_pool": _httpcore,
    "httpcore._async.connection_pool": _httpcore_async,
}
