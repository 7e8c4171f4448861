# A route below two routers.

from litestar import Litestar, Router, route
from work import work_async


@route("/{how:str}/{name:str}", http_method=["GET", "POST"], status_code=200)
async def page(how: str, name: str) -> str:
    return await work_async(how, name)


app = Litestar([Router("/api/{version:str}", route_handlers=[Router("/shop", route_handlers=[page])])])
