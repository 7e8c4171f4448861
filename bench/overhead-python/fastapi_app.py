# FastAPI as people write it: a pool of PostgreSQL (asyncpg), Redis, a service asked with httpx. In: BENCH_* variables.
# /hello answers at once; /checkout asks Redis once, PostgreSQL three times and the service twice; /queries asks PostgreSQL 20 times.

from contextlib import asynccontextmanager

import asyncpg
import httpx
import redis.asyncio
from fastapi import FastAPI, Response
from marks import POSTGRES, REDIS, SERVICE, usage


@asynccontextmanager
async def lifespan(app):
    app.state.cache = redis.asyncio.Redis(host=REDIS["host"], port=REDIS["port"])
    async with asyncpg.create_pool(POSTGRES, min_size=10, max_size=20) as pool, httpx.AsyncClient() as client:
        app.state.pool = pool
        app.state.service = client
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/hello")
async def hello():
    return Response("hello world", media_type="text/plain")


@app.get("/checkout")
async def checkout(m: str):
    pool, service = app.state.pool, app.state.service
    cart = await app.state.cache.get(f"cart:{m}")
    user = await pool.fetchrow("SELECT $1::int AS id, $2::text AS name", 7, m)
    items = await pool.fetch("SELECT item, $1::text AS mark FROM generate_series(1, 10) AS item", m)
    order = await pool.fetchrow("SELECT $1::text AS order_id", m)
    price = (await service.get(f"{SERVICE}/price", params={"m": m})).json()
    stock = (await service.get(f"{SERVICE}/stock", params={"m": m})).json()
    return {
        "cart": cart,
        "user": dict(user),
        "items": len(items),
        "order": dict(order),
        "price": price,
        "stock": stock,
    }


@app.get("/queries")
async def queries(m: str):
    total = 0
    async with app.state.pool.acquire() as connection:
        for number in range(20):
            row = await connection.fetchrow("SELECT $1::int AS id, $2::text AS mark", number, m)
            total += row["id"]
    return {"sum": total}


@app.get("/usage")
async def used():
    return usage()
