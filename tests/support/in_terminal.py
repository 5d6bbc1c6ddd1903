#!/usr/bin/env python3
"""Runs a command in a terminal of its own: what comes on standard input is typed, what the terminal
shows goes to standard output. Exits with the command's code.

    in_terminal.py COMMAND [ARGUMENT...]
"""
import os
import pty
import select
import sys


def main() -> int:
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(sys.argv[1], sys.argv[1:])
    sources = [0, terminal]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if 0 in ready:
            typed = os.read(0, 4096)
            if typed:
                os.write(terminal, typed)
            else:
                sources.remove(0)
        if terminal in ready:
            try:
                shown = os.read(terminal, 4096)
            except OSError:  # the command has ended
                shown = b""
            if not shown:
                break
            os.write(1, shown)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    code = main()
    sys.exit(code if code >= 0 else 128 - code)
