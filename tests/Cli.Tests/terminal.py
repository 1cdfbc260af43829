# Plays a person at a terminal: starts a shell in a new pseudo-terminal, types, and prints all that appeared.
# usage: terminal.py STEP...   where STEP is "type:TEXT" (\r, \x03 … are understood), "wait:SECONDS",
# "until:TEXT" (at most 20 seconds) or "size:COLUMNSxROWS".
import fcntl, os, pty, select, struct, sys, termios, time

pid, terminal = pty.fork()
if pid == 0:
    os.environ.update(PS1="PROMPT>", TERM="xterm-256color", LC_ALL="C.UTF-8")
    os.execvp("bash", ["bash", "--norc", "--noediting", "-i"])

seen = b""
mark = 0                        # "until" looks only at what came after the last text it found


def listen(seconds, text=None):
    global seen, mark
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if text is not None and (at := seen.find(text, mark)) >= 0:
            mark = at + len(text)
            return True
        if select.select([terminal], [], [], 0.02)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
    return text is None


ok = listen(20, b"PROMPT>")
for step in sys.argv[1:]:
    kind, _, text = step.partition(":")
    if kind == "type":
        os.write(terminal, text.encode().decode("unicode_escape").encode("latin-1"))
    elif kind == "wait":
        listen(float(text))
    elif kind == "size":
        columns, rows = map(int, text.split("x"))
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    elif not listen(20, text.encode()):
        sys.stderr.write(f"never seen: {text}\n")
        ok = False
        break
sys.stdout.buffer.write(seen)
os.close(terminal)
sys.exit(0 if ok else 1)
