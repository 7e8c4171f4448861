# A clinic on FastAPI, asyncpg, httpx and redis, in one event loop; with the faults of the other apps in other places (flags.py), and look-alikes
# that are right as they are (clinic_decoys.py). In: DATABASE_URL, SMALL_URL and HELD_URL (other databases), REDIS_URL, PEER_URL.
# Out: one line "app listening PORT". POST /quit ends it. "has" and "fault" comments: see app-truth.ts.

import asyncio
import contextlib
import os
import socket
import time
from contextlib import asynccontextmanager

import asyncpg
import httpx
import uvicorn
from clinic_decoys import add_decoys
from clinic_store import Store, tables
from fastapi import Depends, FastAPI, HTTPException
from flags import by, compute, has, is_unlucky
from redis.asyncio import Redis

peer = httpx.AsyncClient(base_url=os.environ["PEER_URL"], limits=httpx.Limits(max_connections=60), timeout=5)
redis = Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)


@asynccontextmanager
async def lifespan(app):
    app.state.pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=4, max_size=24)
    app.state.labs = await asyncpg.create_pool(
        os.environ["SMALL_URL"],
        min_size=2,
        max_size=by("small-pool", 5, 3, 2) if has("small-pool") else 12,  # fault small-pool
    )
    app.state.beds = await asyncpg.create_pool(os.environ["HELD_URL"], min_size=6, max_size=6)
    app.state.store = Store(app.state.pool)
    await tables(app.state.pool, app.state.beds)
    async with redis.pipeline(transaction=False) as pipeline:
        for n in range(500):
            pipeline.set(f"vital:{n}", f"vital {n}").set(f"doctor:{n}", f"doctor {n}")
            pipeline.set(f"referral:{1000 + n}", f"{1000 + (n * 7 + 13) % 500}")
        for size in (10_000, 300_000, 900_000, 1_500_000):
            pipeline.set(f"scan:{size}", "x" * size)
        await pipeline.execute()
    yield


async def ask(path, **options):
    answer = await peer.get(path, **options)
    answer.raise_for_status()
    return answer.text


async def authorized(token: str):
    if await redis.exists(f"banned:{token}"):
        raise HTTPException(403)


app = FastAPI(lifespan=lifespan)
allowed = [Depends(authorized)]


# has query-loop
@app.get("/patients/{id}/visits", dependencies=allowed)
async def visits(id: int):
    found = await app.state.store.visits(id % 500, by("query-loop", 4, 10, 24) + id % 5)
    return await app.state.store.with_doctors(found)


# has call-loop
@app.get("/vitals/{id}", dependencies=allowed)
async def vitals(id: int):
    keys = [f"vital:{(id + n * 7) % 500}" for n in range(by("call-loop", 5, 12, 28) + id % 6)]
    if not has("call-loop"):
        return await redis.mget(keys)
    return [await redis.get(key) for key in keys]  # fault call-loop


# has two-calls-loop
@app.get("/rounds/{id}", dependencies=allowed)
async def rounds(id: int):
    beds = [(id + n * 11) % 500 for n in range(by("two-calls-loop", 3, 6, 12) + id % 5)]
    if not has("two-calls-loop"):
        await redis.mget([f"vital:{bed}" for bed in beds])
        return await app.state.pool.fetch("SELECT id, name FROM patients WHERE id = ANY($1::int[])", beds)
    found = []
    for bed in beds:
        await redis.get(f"vital:{bed}")  # fault two-calls-loop
        found.append(await app.state.pool.fetchrow("SELECT name FROM patients WHERE id = $1", bed))  # fault two-calls-loop
    return found


# has look-up-chain
@app.get("/referrals/{id}", dependencies=allowed)
async def referrals(id: int):
    at, steps = 1000 + id % 500, by("look-up-chain", 4, 8, 16) + id % 3
    if not has("look-up-chain"):
        walk = "local at = ARGV[1]; for _ = 1, ARGV[2] do at = redis.call('GET', 'referral:' .. at) end; return at"
        return await redis.eval(walk, 0, at, steps)
    for _ in range(steps):
        at = await redis.get(f"referral:{at}")  # fault look-up-chain
    return at


# has asked-in-vain
@app.post("/letters/{id}", dependencies=allowed)
async def letters(id: int):
    every = by("asked-in-vain", 15, 30, 60)
    takes = every * (5 + id % 10 / 10)
    if not has("asked-in-vain"):
        return await ask(f"/letters/{id}?ms={takes}")
    since = time.monotonic()
    while (time.monotonic() - since) * 1000 < takes:
        await ask(f"/letters/{id}")  # fault asked-in-vain
        await asyncio.sleep(every / 1000)
    return await ask(f"/letters/{id}")  # fault asked-in-vain


# has sent-plain
@app.get("/catalogs/{id}", dependencies=allowed)
async def catalogs(id: int):
    size = by("sent-plain", 60_000, 200_000, 600_000) + id % 20 * 2000
    takes = "identity" if has("sent-plain") else "gzip"
    await ask(f"/catalogs/{id}?text={size}&rate=8&packs=1", headers={"accept-encoding": takes})  # fault sent-plain


# has asked-again
@app.get("/patients/{id}", dependencies=allowed)
async def patient(id: int):
    store = app.state.store
    found, _ = await asyncio.gather(store.patient(id % 500), ask(f"/insurance/{id % 500}?ms=8"))  # fault asked-again
    if has("asked-again"):
        for _ in range(by("asked-again", 1, 2, 5)):
            found = await store.patient(id % 500)  # fault asked-again
    return found


# has one-by-one
@app.get("/overview/{id}", dependencies=allowed)
async def overview(id: int):
    pool, ms = app.state.pool, by("one-by-one", 3, 8, 20)
    count = "SELECT count(*) FROM visits WHERE patient_id = $1"
    if not has("one-by-one"):
        await asyncio.gather(pool.fetchval(count, id % 500), ask(f"/bills/{id}?ms={ms}"), redis.get(f"doctor:{id % 500}"))
        return "ok"
    visits = await pool.fetchval(count, id % 500)  # fault one-by-one
    bills = await ask(f"/bills/{id}?ms={ms}")  # fault one-by-one
    doctor = await redis.get(f"doctor:{id % 500}")  # fault one-by-one
    return {"visits": visits, "bills": bills, "doctor": doctor}


# has connection-per-call
@app.get("/invoices/{id}", dependencies=allowed)
async def invoice(id: int, chance: float):
    query = "SELECT name FROM patients WHERE id = $1"
    if not has("connection-per-call") or chance > by("connection-per-call", 0.3, 0.6, 1):
        return await app.state.pool.fetchval(query, id % 500)
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])  # fault connection-per-call
    name = await connection.fetchval(query, id % 500)  # fault connection-per-call
    await connection.close()
    return name


# has small-pool
@app.get("/labs/{id}", dependencies=allowed)
async def labs(id: int):
    await app.state.labs.fetchval("SELECT pg_sleep(0.02), $1::int", id)  # fault small-pool


# has kept-connection
@app.post("/admissions/{id}", dependencies=allowed)
async def admit(id: int):
    check = f"/coverage/{id}?ms={by('kept-connection', 12, 30, 80)}"
    if not has("kept-connection"):
        await ask(check)
    async with app.state.beds.acquire() as connection, connection.transaction():  # fault kept-connection
        await connection.execute("UPDATE beds SET n = n + 1 WHERE id = $1", id % 500)  # fault kept-connection
        if has("kept-connection"):
            await ask(check)  # fault kept-connection


# has extra-statements
@app.get("/wards/{id}", dependencies=allowed)
async def ward(id: int):
    async with app.state.pool.acquire() as connection:
        if has("extra-statements"):
            await connection.execute("SELECT 1")  # fault extra-statements
            for name in by("extra-statements", [], ["statement_timeout"], ["statement_timeout", "lock_timeout"]):
                await connection.execute(f"SET {name} TO '9s'")  # fault extra-statements
        return await connection.fetchval("SELECT ward FROM patients WHERE id = $1", id % 500)


# has slow-query
@app.get("/search/{id}", dependencies=allowed)
async def search(id: int):
    seconds = by("slow-query", 0.015, 0.04, 0.12) if has("slow-query") else 0
    query = "SELECT name FROM patients WHERE id > $1 AND pg_sleep($2) IS NOT NULL LIMIT 1"
    return await app.state.pool.fetchval(query, id % 499, seconds)  # fault slow-query


kept = {}


# has never-kept
@app.get("/tariffs/{id}", dependencies=allowed)
async def tariffs(id: int):
    if has("never-kept") or not kept:
        query = "SELECT ward, pg_sleep($1) FROM patients WHERE id = 1"
        kept["rows"] = await app.state.pool.fetch(query, by("never-kept", 0.01, 0.02, 0.06))  # fault never-kept
    return "ok"


# has whole-documents
@app.get("/scans/{id}", dependencies=allowed)
async def scans(id: int):
    size = by("whole-documents", 300_000, 900_000, 1_500_000) if has("whole-documents") else 10_000
    return len(await redis.get(f"scan:{size}"))  # fault whole-documents


# has tried-again
@app.get("/rates/{id}", dependencies=allowed)
async def rates(id: int, chance: float):
    status = 503 if is_unlucky("tried-again", chance) else 200
    while (await peer.get(f"/rates/{id % 500}?ms=12&status={status}")).is_error:  # fault tried-again
        await asyncio.sleep(0.005)
        status = 200


# has long-limit
@app.get("/images/{id}", dependencies=allowed)
async def images(id: int, chance: float):
    hang = "?hang=1" if chance < by("long-limit", 0.08, 0.25, 0.6) else ""
    limit = by("long-limit", 0.2, 0.3, 0.5) if has("long-limit") else 0.04
    with contextlib.suppress(httpx.TimeoutException):
        await ask(f"/images/{id}{hang}", timeout=limit)  # fault long-limit


async def write_log(entry):
    query = "INSERT INTO log (entry) SELECT $1 FROM pg_sleep($2)"
    await app.state.pool.execute(query, entry, by("log-awaited", 0.002, 0.008, 0.03))  # fault log-awaited


tasks = set()


# has log-awaited
@app.post("/notes/{id}", dependencies=allowed)
async def notes(id: int):
    await app.state.pool.execute("UPDATE patients SET ward = 'noted' WHERE id = $1", id % 500)
    if has("log-awaited"):
        await write_log(f"note {id}")  # fault log-awaited
    else:
        task = asyncio.create_task(write_log(f"note {id}"))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


# has busy-code
@app.get("/letters/{id}", dependencies=allowed)
async def letters(id: int):
    await app.state.store.patient(id % 500)  # fault busy-code
    if has("busy-code"):
        compute(by("busy-code", 15, 40, 120))  # fault busy-code


@app.post("/quit")
async def quit_now():
    server.should_exit = True


add_decoys(app, allowed, ask, peer, redis)
listening = socket.create_server(("127.0.0.1", 0))
server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_keep_alive=60))


async def serve():
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.02)
    print("app listening", listening.getsockname()[1], flush=True)
    await serving


asyncio.run(serve())
