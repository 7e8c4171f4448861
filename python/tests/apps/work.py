# What every application of the tests does for a request: asks the backend for something that names the request. BACKEND is its port.

import asyncio
import http.client
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

PORT = int(os.environ["BACKEND"])
_local = threading.local()
_pool = ThreadPoolExecutor(8)
_idle = []


def ask(name):
    """One call on a connection of this thread."""
    if not hasattr(_local, "client"):
        _local.client = http.client.HTTPConnection("127.0.0.1", PORT)
    _local.client.request("GET", f"/{name}/10")
    _local.client.getresponse().read()


def later(name):
    """After the response, in a thread that nobody waits for."""
    time.sleep(0.02)
    client = http.client.HTTPConnection("127.0.0.1", PORT)
    client.request("GET", f"/{name}/10")
    client.getresponse().read()
    client.close()


def work(how, name):
    if how == "plain":
        for part in "abc":
            ask(f"{name}{part}")
    elif how == "pool":
        list(_pool.map(ask, [f"{name}{part}" for part in "abc"]))
    elif how == "thread":
        thread = threading.Thread(target=ask, args=(f"{name}a",))
        thread.start()
        thread.join()
    elif how == "later":
        threading.Thread(target=later, args=(f"{name}a",)).start()
    return name


async def ask_async(name):
    """On one of the connections that all requests share."""
    reader, writer = _idle.pop() if _idle else await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(f"GET /{name}/10 HTTP/1.1\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(10)
    _idle.append((reader, writer))


async def later_async(name):
    await asyncio.sleep(0.02)
    await ask_async(name)


_background = set()


async def work_async(how, name):
    if how == "plain":
        for part in "abc":
            await ask_async(f"{name}{part}")
    elif how == "gather":
        await asyncio.gather(*(ask_async(f"{name}{part}") for part in "abc"))
    elif how == "pool":
        await asyncio.get_running_loop().run_in_executor(None, ask, f"{name}a")
        await asyncio.to_thread(ask, f"{name}b")
    elif how == "later":
        task = asyncio.ensure_future(later_async(f"{name}a"))
        _background.add(task)
        task.add_done_callback(_background.discard)
    return name
