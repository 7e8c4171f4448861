# What looks like a fault and is none, with asyncpg, httpx and redis. In: the app and what it talks to. Nothing may be found here.

import asyncio


def add_decoys(app, allowed, ask, peer, redis):
    def pool():
        return app.state.pool

    # Of different rows, always three: nobody would batch that.
    @app.get("/decoys/three-look-ups/{id}", dependencies=allowed)
    async def three_look_ups(id: int):
        for row in (id % 500, (id + 7) % 500, (id + 9) % 500):
            await pool().fetchval("SELECT ward FROM patients WHERE id = $1", row)

    @app.get("/decoys/at-once/{id}", dependencies=allowed)
    async def at_once(id: int):
        one = pool().fetchval("SELECT name FROM patients WHERE id = $1", id % 500)
        await asyncio.gather(one, redis.get(f"vital:{id % 500}"), ask(f"/limits/{id}?ms=8"))

    @app.get("/decoys/many-at-once/{id}", dependencies=allowed)
    async def many_at_once(id: int):
        async with asyncio.TaskGroup() as group:
            for shard in range(4):
                group.create_task(ask(f"/shards/{shard}?of={id}&ms=10"))

    @app.get("/decoys/pipeline/{id}", dependencies=allowed)
    async def pipeline(id: int):
        async with redis.pipeline(transaction=False) as commands:
            await commands.get(f"vital:{id % 500}").get(f"doctor:{id % 500}").ttl(f"vital:{id % 500}").execute()

    # Each page begins where the one before ended.
    @app.get("/decoys/pages/{id}", dependencies=allowed)
    async def pages(id: int):
        last = -1
        query = "SELECT id FROM visits WHERE patient_id = $1 AND id > $2 ORDER BY id LIMIT 12"
        for _ in range(2 + id % 2):
            rows = await pool().fetch(query, id % 500, last)
            last = rows[-1]["id"] if rows else last

    # The second needs a value of the first.
    @app.get("/decoys/needed/{id}", dependencies=allowed)
    async def needed(id: int):
        doctor = await pool().fetchval("SELECT doctor_id FROM visits WHERE patient_id = $1 LIMIT 1", id % 500)
        await pool().fetchval("SELECT name FROM doctors WHERE id = $1", doctor)

    # Who may not see it must not be looked up.
    @app.get("/decoys/permission/{id}", dependencies=allowed)
    async def permission(id: int):
        if await ask(f"/permissions/{id}?ms=5"):
            await pool().fetch("SELECT id FROM visits WHERE patient_id = $1 LIMIT 5", id % 500)

    @app.post("/decoys/read-after-write/{id}", dependencies=allowed)
    async def read_after_write(id: int):
        count = int(await redis.get(f"count:{id % 500}") or 0)
        await redis.set(f"count:{id % 500}", count + 1)
        await redis.get(f"count:{id % 500}")

    # Both or none.
    @app.post("/decoys/transaction/{id}", dependencies=allowed)
    async def transaction(id: int):
        async with pool().acquire() as connection, connection.transaction():
            await connection.fetchval("SELECT ward FROM patients WHERE id = $1 FOR UPDATE", id % 500)
            await connection.execute("UPDATE patients SET ward = $2 WHERE id = $1", id % 500, f"ward {id % 9}")
            await connection.execute("UPDATE visits SET patient_id = patient_id WHERE id = $1", id % 500)

    # A cache that warms up: each patient is asked for once.
    @app.get("/decoys/cache-aside/{id}", dependencies=allowed)
    async def cache_aside(id: int):
        if await redis.get(f"patient:{id % 500}") is None:
            name = await pool().fetchval("SELECT name FROM patients WHERE id = $1", id % 500)
            await redis.set(f"patient:{id % 500}", name)

    @app.post("/decoys/polling/{id}", dependencies=allowed)
    async def polling(id: int):
        for _ in range(1 + id % 2):
            await ask(f"/jobs/{id % 500}")
            await asyncio.sleep(0.06)

    @app.post("/decoys/lock/{id}", dependencies=allowed)
    async def lock(id: int):
        while not await redis.set(f"lock:{id % 500}", "1", px=500, nx=True):
            await asyncio.sleep(0.02)
        await pool().execute("UPDATE doctors SET name = 'locked' WHERE id = $1", id % 500)
        await redis.delete(f"lock:{id % 500}")

    @app.get("/decoys/forty/{id}", dependencies=allowed)
    async def forty(id: int):
        await ask(f"/archive/{id % 500}?ms=40")

    @app.get("/decoys/other-company/{id}", dependencies=allowed)
    async def other_company(id: int):
        await ask(f"/carrier/{id % 500}?ms=120")

    # A second copy goes out when the first is late: one of the two is always thrown away.
    @app.get("/decoys/hedged/{id}", dependencies=allowed)
    async def hedged(id: int):
        first = asyncio.ensure_future(ask(f"/replica/{id % 500}?ms={40 if id % 5 == 0 else 6}"))
        done, _ = await asyncio.wait([first], timeout=0.015)
        if not done:
            second = asyncio.ensure_future(ask(f"/replica/{id % 500}"))
            _, late = await asyncio.wait([first, second], return_when=asyncio.FIRST_COMPLETED)
            for each in late:
                each.cancel()

    @app.get("/decoys/health/{id}", dependencies=allowed)
    async def health(id: int):
        await pool().fetchval("SELECT 1")
