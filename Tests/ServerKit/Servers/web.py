"""A web server with manners good and bad: web.py PORT. It says "ready" when it listens, and counts what it was asked in /metrics."""
import sys, time, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

asked = 0
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        global asked
        with lock:
            asked += 1
        path = self.path.split("?")[0]
        if path == "/health":
            self.reply(200, b"all is well")
        elif path == "/metrics":
            self.reply(200, f"# TYPE asked_total counter\nasked_total {asked}\nshop_up 1\nload{{core=\"0\"}} 0.25\nload{{core=\"1\"}} 0.5\n".encode(), "text/plain; version=0.0.4")
        elif path.startswith("/status/"):
            self.reply(int(path[8:]), b"as you wish")
        elif path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/health")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path == "/silent":
            time.sleep(30)
        elif path == "/trickle":
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            for _ in range(300):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.1)
        elif path == "/endless":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            piece = b"x" * 65536
            while True:
                self.wfile.write(b"10000\r\n" + piece + b"\r\n")
        elif path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"not all")
            self.close_connection = True
        elif path == "/garbage":
            self.wfile.write(b"\x00\x01\x02 this is not HTTP \r\n\r\n")
            self.close_connection = True
        else:
            self.reply(404, b"nothing here")

    do_HEAD = do_GET

    def reply(self, status, body, kind="text/plain"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
server.daemon_threads = True
print("ready", server.server_address[1], flush=True)
server.serve_forever()
