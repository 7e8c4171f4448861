# A route below two mounts.

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from work import work_async


async def page(request):
    await request.body()
    return PlainTextResponse(await work_async(request.path_params["how"], request.path_params["name"]))


inner = Starlette(routes=[Route("/{how}/{name}", page, methods=["GET", "POST"])])
app = Starlette(routes=[Mount("/api/{version}", routes=[Mount("/shop", app=inner)])])
