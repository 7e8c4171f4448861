import sys

from flask import Flask, request
from work import work

app = Flask(__name__)


@app.route("/<how>/<name>", methods=["GET", "POST"])
def page(how, name):
    if request.method == "POST":
        request.get_data()
    return work(how, name)


if __name__ == "__main__":
    from werkzeug.serving import WSGIRequestHandler

    WSGIRequestHandler.protocol_version = "HTTP/1.1"
    app.run(port=int(sys.argv[1]), threaded=True)
