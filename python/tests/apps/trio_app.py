# On trio: "plain" one after the other on a shared pool of httpx, "gather" in tasks, "pool" in threads.

import os

import httpx
import trio
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from work import ask

URL = f"http://127.0.0.1:{os.environ['BACKEND']}"
_client = httpx.AsyncClient(trust_env=False)


async def ask_trio(name):
    await _client.get(f"{URL}/{name}/10")


async def page(request):
    await request.body()
    how, name = request.path_params["how"], request.path_params["name"]
    if how == "plain":
        for part in "abc":
            await ask_trio(f"{name}{part}")
    elif how == "gather":
        async with trio.open_nursery() as nursery:
            for part in "abc":
                nursery.start_soon(ask_trio, f"{name}{part}")
    elif how == "pool":
        await trio.to_thread.run_sync(ask, f"{name}a")
        await trio.to_thread.run_sync(ask, f"{name}b")
    return PlainTextResponse(name)


app = Starlette(routes=[Route("/{how}/{name}", page, methods=["GET", "POST"])])
