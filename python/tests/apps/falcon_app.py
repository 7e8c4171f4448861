import falcon
import falcon.asgi
from work import work, work_async


class Page:
    def on_get(self, request, response, how, name):
        request.bounded_stream.read()
        response.text = work(how, name)

    on_post = on_get


class AsyncPage:
    async def on_get(self, request, response, how, name):
        await request.stream.read()
        response.text = await work_async(how, name)

    on_post = on_get


app = falcon.App()
app.add_route("/{how}/{name}", Page())
asgi = falcon.asgi.App()
asgi.add_route("/{how}/{name}", AsyncPage())
