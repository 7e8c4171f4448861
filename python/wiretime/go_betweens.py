# Packages that ask for others: drivers, object mappers, pools, clients, frameworks, helpers of asynchronous code. In: the name of a
# folder in site-packages. Out: yes or no. Only needed where the application is itself a package; what is missing here shows as a line
# of that package instead of the line behind it.

from __future__ import annotations

_NAMES = frozenset(
    """
    aiobotocore aiodns aiohttp aiohttp_retry aiokafka aiomysql aiopg aioredis aiosqlite alembic amqp anyio apscheduler asgiref async_timeout
    asyncmy asyncpg backoff billiard boto3 botocore bottle celery channels click cloudpickle concurrent confluent_kafka daphne databases dataloader
    ddtrace debug_toolbar decorator django django_redis dramatiq elastic_transport elasticsearch eventlet falcon fastapi flask
    flask_sqlalchemy gevent google graphene graphql greenlet grpc gunicorn h11 h2 hiredis httpcore httpx huey hypercorn jinja2 kafka kombu
    mako memcache more_itertools motor MySQLdb mysql nats newrelic ninja odmantic opensearchpy opentelemetry ormar oracledb peewee pika piccolo
    pony psycopg psycopg2 psycopg_pool pycurl pydantic pylibmc pymemcache pymongo pymysql pyodbc pyramid redis requests requests_toolbelt
    rest_framework retrying rq s3transfer sanic sentry_sdk sniffio sqlalchemy sqlmodel starlette strawberry tenacity tornado tortoise trio typer
    uvicorn uvloop urllib3 urllib3_future uwsgi vine waitress werkzeug whitenoise wrapt zeep
    """.split()  # noqa: SIM905 -- a list would have a line for each
)


def is_go_between(name: str) -> bool:
    return name in _NAMES
