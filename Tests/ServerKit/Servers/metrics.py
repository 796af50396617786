"""Answers as Prometheus does, to whoever has the token: metrics.py TOKEN. It says "ready PORT". Every metric is 1."""
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        form = {key: values[0] for key, values in parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()).items()}
        if self.headers.get("Authorization") != "Bearer " + sys.argv[1]:
            return self.answer(401, {"status": "error", "errorType": "unauthorized", "error": "who are you"})
        if self.path == "/api/v1/query":
            result = {"resultType": "vector", "result": [{"metric": {}, "value": [float(form["time"]), "1"]}]}
        else:
            time, end, step = float(form["start"]), float(form["end"]), int(form["step"].rstrip("s"))
            values = [[time + number * step, "1"] for number in range(int((end - time) / step) + 1)]
            result = {"resultType": "matrix", "result": [{"metric": {}, "values": values}]}
        self.answer(200, {"status": "success", "data": result})

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print("ready", server.server_address[1], flush=True)
server.serve_forever()
