import sys

from aiohttp import web
from work import work_async


async def page(request):
    await request.read()
    return web.Response(text=await work_async(request.match_info["how"], request.match_info["name"]))


app = web.Application()
app.router.add_route("*", "/{how}/{name}", page)
if __name__ == "__main__":
    if len(sys.argv) > 2:
        import uvloop

        uvloop.install()
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, backlog=128)
