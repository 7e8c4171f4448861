# Three servers of gRPC and customers, in one process: /front/<way> asks the back in that way, or the asynchronous one. argv[1]: calls of
# each way.

import asyncio
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import grpc.aio

CALLS = int(sys.argv[1])
asked = threading.local()


def unary(request, context):
    if request == b"missing":
        context.abort(grpc.StatusCode.NOT_FOUND, "no such thing")
    if request == b"broken":
        raise ValueError("mine")
    return request


def stream(request, context):
    yield request
    yield request


def collect(requests, context):
    return b"".join(requests)


def both(requests, context):
    yield from requests


back = grpc.server(ThreadPoolExecutor(8))
back.add_generic_rpc_handlers(
    (
        grpc.method_handlers_generic_handler(
            "back",
            {
                "unary": grpc.unary_unary_rpc_method_handler(unary),
                "stream": grpc.unary_stream_rpc_method_handler(stream),
                "collect": grpc.stream_unary_rpc_method_handler(collect),
                "both": grpc.stream_stream_rpc_method_handler(both),
            },
        ),
    )
)
back_port = back.add_insecure_port("127.0.0.1:0")
back.start()
channel = grpc.insecure_channel(f"localhost:{back_port}")


def expect(code, call):
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() is code, error
    else:
        raise AssertionError(code)


async def ask_async(request):
    async with grpc.aio.insecure_channel(f"dns:///localhost:{back_port}") as other:
        assert await other.unary_unary("/back/unary")(request) == request
        assert [part async for part in other.unary_stream("/back/stream")(request)] == [request] * 2


# ---- grpc.aio ----


async def relay(request, context):
    async with grpc.aio.insecure_channel(f"localhost:{back_port}") as other:
        if request == b"missing":
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such thing")
        if request == b"broken":
            raise ValueError("mine")
        return await other.unary_unary("/back/unary")(request)


async def parts(request, context):
    yield await relay(request, context)
    yield request


async def written(requests, context):
    async for request in requests:
        await context.write(await relay(request, context))


async def gather(requests, context):
    return b"".join([await relay(request, context) async for request in requests])


def aio_handlers():
    return {
        "unary": grpc.unary_unary_rpc_method_handler(relay),
        "stream": grpc.unary_stream_rpc_method_handler(parts),
        "collect": grpc.stream_unary_rpc_method_handler(gather),
        "both": grpc.stream_stream_rpc_method_handler(written),
    }


loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()


async def start_aio():
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("aio", aio_handlers()),))
    if hasattr(server, "add_registered_method_handlers"):
        # As generated code does.
        server.add_registered_method_handlers("aio", aio_handlers())
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, port


aio, aio_port = asyncio.run_coroutine_threadsafe(start_aio(), loop).result()
aio_channel = grpc.insecure_channel(f"localhost:{aio_port}")


WAYS = {
    "call": lambda name: channel.unary_unary("/back/unary")(name),
    "with": lambda name: channel.unary_unary("/back/unary").with_call(name, metadata=[("mine", "1")])[0],
    "future": lambda name: channel.unary_unary("/back/unary").future(name).result(),
    "stream": lambda name: list(channel.unary_stream("/back/stream")(name)),
    "collect": lambda name: channel.stream_unary("/back/collect")(iter([name])),
    "both": lambda name: list(channel.stream_stream("/back/both")(iter([name]))),
    "missing": lambda name: expect(
        grpc.StatusCode.NOT_FOUND, lambda: channel.unary_unary("/back/unary")(b"missing")
    ),
    "broken": lambda name: expect(
        grpc.StatusCode.UNKNOWN, lambda: channel.unary_unary("/back/unary")(b"broken")
    ),
    "async": lambda name: asyncio.run(ask_async(name)),
    "traced": lambda name: channel.unary_unary("/back/unary")(name, metadata=(("traceparent", "mine"),)),
    "aio": lambda name: aio_channel.unary_unary("/aio/unary")(name),
    "aioStream": lambda name: list(aio_channel.unary_stream("/aio/stream")(name)),
    "aioCollect": lambda name: aio_channel.stream_unary("/aio/collect")(iter([name])),
    "aioBoth": lambda name: list(aio_channel.stream_stream("/aio/both")(iter([name]))),
    "aioMissing": lambda name: expect(
        grpc.StatusCode.NOT_FOUND, lambda: aio_channel.unary_unary("/aio/unary")(b"missing")
    ),
    "aioBroken": lambda name: expect(
        grpc.StatusCode.UNKNOWN, lambda: list(aio_channel.unary_stream("/aio/stream")(b"broken"))
    ),
}


def handler(way):
    def handle(request, context):
        WAYS[way](request)
        return request

    return grpc.unary_unary_rpc_method_handler(handle)


front = grpc.server(ThreadPoolExecutor(8))
front.add_generic_rpc_handlers(
    (grpc.method_handlers_generic_handler("front", {way: handler(way) for way in WAYS}),)
)
front_port = front.add_insecure_port("127.0.0.1:0")
front.start()
customers = grpc.insecure_channel(f"127.0.0.1:{front_port}")


def ask(number):
    way = list(WAYS)[number % len(WAYS)]
    assert customers.unary_unary(f"/front/{way}")(b"%d" % number) == b"%d" % number


with ThreadPoolExecutor(8) as pool:
    list(pool.map(ask, range(CALLS * len(WAYS))))
for end in (front.stop(None), back.stop(None)):
    end.wait()
asyncio.run_coroutine_threadsafe(aio.stop(None), loop).result()
aio_channel.close()
customers.close()
channel.close()
