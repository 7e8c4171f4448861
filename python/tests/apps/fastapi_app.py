from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from work import work, work_async

app = FastAPI()


@app.api_route("/sync/{how}/{name}", methods=["GET"])
def sync_page(how: str, name: str):
    return PlainTextResponse(work(how, name))


@app.api_route("/{how}/{name}", methods=["GET", "POST"])
async def page(how: str, name: str, request: Request):
    await request.body()
    return PlainTextResponse(await work_async(how, name))
