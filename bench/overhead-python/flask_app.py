# Flask as people write it: a pool of PostgreSQL (psycopg 3, in C), Redis, a service asked with requests. In: BENCH_* variables.
# /hello answers at once; /checkout asks Redis once, PostgreSQL three times and the service twice; /queries asks PostgreSQL 20 times.

import redis
import requests
from flask import Flask, jsonify, request
from marks import POSTGRES, REDIS, SERVICE, marked, usage
from psycopg_pool import ConnectionPool

app = Flask(__name__)
cache = redis.Redis(host=REDIS["host"], port=REDIS["port"])
service = requests.Session()
service.mount("http://", requests.adapters.HTTPAdapter(pool_connections=20, pool_maxsize=20))
pool = ConnectionPool(POSTGRES, min_size=10, max_size=20, open=False, kwargs={"autocommit": True})


def ask(statement, values):
    with pool.connection() as connection:
        return connection.execute(statement, values).fetchall()


@app.get("/hello")
def hello():
    return "hello world"


@app.get("/checkout")
def checkout():
    mark = request.args["m"]
    cart = cache.get(f"cart:{mark}")
    user = ask(marked("SELECT %s::int AS id, %s::text AS name", mark), [7, mark])
    items = ask(marked("SELECT item, %s::text AS mark FROM generate_series(1, 10) AS item", mark), [mark])
    order = ask(marked("SELECT %s::text AS order_id", mark), [mark])
    price = service.get(f"{SERVICE}/price", params={"m": mark}).json()
    stock = service.get(f"{SERVICE}/stock", params={"m": mark}).json()
    return jsonify(cart=cart, user=user[0], items=len(items), order=order[0], price=price, stock=stock)


@app.get("/queries")
def queries():
    mark = request.args["m"]
    total = 0
    with pool.connection() as connection:
        for number in range(20):
            row = connection.execute("SELECT %s::int AS id, %s::text AS mark", [number, mark]).fetchone()
            total += row[0]
    return jsonify(sum=total)


@app.get("/usage")
def used():
    pool.open()
    return jsonify(usage())
