import sys

from sanic import Sanic, text
from work import work_async

app = Sanic("wiretime")


@app.route("/<how>/<name>", methods=["GET", "POST"])
async def page(request, how, name):
    return text(await work_async(how, name))


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[1]), single_process=True, motd=False, access_log=False)
