# Which module of somebody else is patched by which of ours. A patch is a file here with `install(module)`; it is imported, and
# called once, right after the application imported the module: it never imports the module itself, and it must not raise.
# To add one: a file and a line below. `noting.py` has what patches of byte streams share.

from __future__ import annotations

PATCHES = {
    "socket": "wiretime.patches.socket",
    "ssl": "wiretime.patches.ssl",
    "threading": "wiretime.patches.threading",
    "concurrent.futures.thread": "wiretime.patches.executor",
    "asyncio.base_events": "wiretime.patches.asyncio",
    "uvloop": "wiretime.patches.uvloop",
    "psycopg2": "wiretime.patches.psycopg2",
    "psycopg": "wiretime.patches.psycopg",
    "MySQLdb.connections": "wiretime.patches.mysqldb",
    "MySQLdb.cursors": "wiretime.patches.mysqldb",
    "sqlite3.dbapi2": "wiretime.patches.sqlite3",
    "sqlalchemy.pool.impl": "wiretime.patches.pools",
    "psycopg_pool.pool": "wiretime.patches.pools",
    "psycopg_pool.pool_async": "wiretime.patches.pools",
    "asyncpg.pool": "wiretime.patches.pools",
    "redis.connection": "wiretime.patches.pools",
    "redis.asyncio.connection": "wiretime.patches.pools",
    "urllib3.connectionpool": "wiretime.patches.pools",
    "httpcore._sync.connection_pool": "wiretime.patches.pools",
    "httpcore._async.connection_pool": "wiretime.patches.pools",
    "flask.app": "wiretime.patches.frameworks",
    "django.core.handlers.base": "wiretime.patches.frameworks",
    "django.core.handlers.wsgi": "wiretime.patches.frameworks",
    "django.core.handlers.asgi": "wiretime.patches.frameworks",
    "starlette.applications": "wiretime.patches.frameworks",
    "starlette.routing": "wiretime.patches.frameworks",
    "bottle": "wiretime.patches.frameworks",
    "falcon.app": "wiretime.patches.frameworks",
    "falcon.asgi.app": "wiretime.patches.frameworks",
    "pyramid.router": "wiretime.patches.frameworks",
    "sanic.router": "wiretime.patches.frameworks",
    "aiohttp.web_urldispatcher": "wiretime.patches.frameworks",
    "tornado.routing": "wiretime.patches.tornado",
    "tornado.web": "wiretime.patches.tornado",
    "celery.signals": "wiretime.patches.tasks",
    "rq.job": "wiretime.patches.tasks",
}
