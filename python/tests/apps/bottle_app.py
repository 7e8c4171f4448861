import bottle
from work import work

app = bottle.Bottle()


@app.route("/<how>/<name>", method=["GET", "POST"])
def page(how, name):
    bottle.request.body.read()
    return work(how, name)
