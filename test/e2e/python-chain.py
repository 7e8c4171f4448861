# The middle of python-chain.cjs: a threaded server that prints its port, and asks the port in argv once for each request.

import http.client
import http.server
import sys
import threading

local = threading.local()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        if not hasattr(local, "client"):
            local.client = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
        local.client.request("GET", self.path)
        body = local.client.getresponse().read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    pass
