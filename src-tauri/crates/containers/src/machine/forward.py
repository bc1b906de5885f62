"""Listens at ports of this machine and hands connections on: PORT:HOST:PORT for each. Goes to the background once it listens."""

import os
import socket
import sys
import threading


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        source.close()
        target.close()


def serve(listening, behind):
    while True:
        near, _ = listening.accept()
        try:
            far = socket.create_connection(behind, 10)
            far.settimeout(None)
        except OSError:
            near.close()
            continue
        for pair in ((near, far), (far, near)):
            threading.Thread(target=pump, args=pair, daemon=True).start()


doors = []
for word in sys.argv[1:]:
    port, host, inner = word.split(":")
    doors.append((socket.create_server(("127.0.0.1", int(port))), (host, int(inner))))
if os.fork():
    os._exit(0)
os.setsid()
nothing = os.open(os.devnull, os.O_RDWR)
for stream in (0, 1, 2):
    os.dup2(nothing, stream)
threads = [threading.Thread(target=serve, args=door) for door in doors]
for thread in threads:
    thread.start()
