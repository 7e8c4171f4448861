# The backend of restarted-app.cjs: a threaded server that prints its port. `/ask/<port>` asks `/leaf` there, always on one connection that it
# keeps.

import http.client
import http.server
import threading

kept = {}
lock = threading.Lock()


def ask(port):
    with lock:
        connection = kept.setdefault(port, http.client.HTTPConnection("127.0.0.1", port))
        connection.request("GET", "/leaf")
        connection.getresponse().read()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        ask(int(self.path.split("/")[2]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
