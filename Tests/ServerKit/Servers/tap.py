"""Listens in on a line: tap.py PORT FILE passes connections on to that port of this machine and writes down all bytes of both directions.
It says "ready PORT" when it listens."""
import socket, sys, threading

target, record = int(sys.argv[1]), open(sys.argv[2], "ab", buffering=0)


def carry(source, sink):
    try:
        while data := source.recv(65536):
            record.write(data)
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


listener = socket.create_server(("127.0.0.1", 0), backlog=64)
print("ready", listener.getsockname()[1], flush=True)
while True:
    near, _ = listener.accept()
    try:
        far = socket.create_connection(("127.0.0.1", target))
    except OSError:
        near.close()
        continue
    for ends in ((near, far), (far, near)):
        threading.Thread(target=carry, args=ends, daemon=True).start()
