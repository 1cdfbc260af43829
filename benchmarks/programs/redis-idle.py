#!/usr/bin/python3
"""Fills the redis-server on a socket with keys of mixed sizes, flushes it, watches its resident memory, shuts it down.

    redis-idle.py SOCKET KEYS OUTPUT

OUTPUT gets one figure a line, as benchmarks/studies/burst.c prints them. Live is what Redis itself counts as used.
"""
import os
import random
import socket
import sys
import time

PIPELINED = 1000     # commands in flight
IDLE_S, LOOK_EVERY_S = 5.0, 0.01
CONNECT_S = 10.0


def connect(path):
    begin = time.monotonic()
    while True:
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            client.connect(path)
            return client
        except OSError:
            client.close()
            if time.monotonic() - begin > CONNECT_S:
                sys.exit(f"redis-idle.py: nobody listens on {path}")
            time.sleep(0.02)


def command(*words):
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)


def answer(replies):
    line = replies.readline()
    if not line or line[:1] == b"-":
        sys.exit(f"redis-idle.py: redis-server answered {line!r}")
    return replies.read(int(line[1:]) + 2) if line[:1] == b"$" else line


def fill(client, replies, keys):
    sizes = random.Random(70)
    value = b"v" * 2048
    for first in range(0, keys, PIPELINED):
        numbers = range(first, min(keys, first + PIPELINED))
        client.sendall(b"".join(command("SET", f"key:{number:08}", value[:int(2 ** sizes.uniform(3, 10))]) for number in numbers))
        for _ in numbers:
            answer(replies)


def info(client, replies, name):
    client.sendall(command("INFO"))
    for line in answer(replies).decode().splitlines():
        if line.startswith(name + ":"):
            return int(line.split(":")[1])
    sys.exit(f"redis-idle.py: redis-server does not tell {name}")


def resident_bytes(process):
    with open(f"/proc/{process}/statm") as figures:
        return int(figures.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: redis-idle.py SOCKET KEYS OUTPUT")
    path, keys, output = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    client = connect(path)
    replies = client.makefile("rb")
    process = info(client, replies, "process_id")
    before = resident_bytes(process)
    fill(client, replies, keys)
    full = resident_bytes(process)
    client.sendall(command("FLUSHALL"))
    answer(replies)
    begin = time.monotonic()
    live = info(client, replies, "used_memory")
    looks = []
    while (elapsed := time.monotonic() - begin) < IDLE_S:
        looks.append((int(elapsed * 1000), resident_bytes(process)))
        time.sleep(LOOK_EVERY_S)
    idle = resident_bytes(process)
    small_ms = next((ms for ms, resident in looks if resident <= 1.3 * live + before), -1)
    settled_ms = next((ms for ms, resident in looks if resident <= idle + (full - idle) / 20), -1)
    figures = {
        "before_resident_kb": before // 1024,
        "full_resident_kb": full // 1024,
        "live_kb": live // 1024,
        "idle_resident_kb": idle // 1024,
        "small_ms": small_ms,
        "settled_ms": settled_ms,
    }
    with open(output, "w") as file:
        file.writelines(f"{name} {value}\n" for name, value in figures.items())
    client.sendall(command("SHUTDOWN", "NOSAVE"))


main()
