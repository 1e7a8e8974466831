"""The keeper: a small process of its own that starts one server and ends with it.

Owns the server's life between its first owner and its last. It waits for the exclusive lock that
it gets only when no owner holds a shared one any more, however they went, and then stops the
server. Run as a program by its path, with the standard library alone:

    keeper.py OWNERS_FD KEEPER_FD REPORT_FD LOG_FD UID GID POSTGRES ARGUMENTS…

It writes the server's process id to REPORT_FD, and holds that pipe and KEEPER_FD's lock for as
long as the server lives: both let go on their own when it is killed.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
FAST, AT_ONCE, BY_FORCE = signal.SIGINT, signal.SIGQUIT, signal.SIGKILL


def main(words: list[str]) -> None:
    owners, keeper, report, log, uid, gid = map(int, words[:6])
    if os.fork() > 0:  # the starter reaps this parent at once; no owner is left with a zombie
        os._exit(0)
    for fd in (owners, keeper, report, log):
        os.set_inheritable(fd, False)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.chdir("/")
    server = _start_server(words[6:], uid, gid)
    os.write(report, b"%d\n" % server)
    threading.Thread(target=_stop_when_unowned, args=(owners, server), daemon=True).start()
    os.waitpid(server, 0)
    os._exit(0)


def _start_server(command: list[str], uid: int, gid: int) -> int:
    prctl = _prctl()  # looked up before the fork
    me = os.getpid()
    server = os.fork()
    if server > 0:
        return server
    try:
        if uid >= 0:
            os.setgroups([])
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)
        if prctl is not None:
            # A killed keeper takes the server down; asked for after the change of user, which
            # clears it. The signal is bound to the thread that forked: the keeper's main one.
            prctl(PR_SET_PDEATHSIG, int(FAST), 0, 0, 0)
            if os.getppid() != me:
                os._exit(1)
        os.umask(0o077)
        os.execv(command[0], command)
    except OSError as problem:
        os.write(2, f"cannot run {command[0]}: {problem}\n".encode())
    os._exit(127)


def _prctl() -> ctypes._NamedFuncPointer | None:
    return ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def _stop_when_unowned(owners: int, server: int) -> None:
    fcntl.flock(owners, fcntl.LOCK_EX)  # kept to the end: a new owner waits until we are gone
    for how, patience_seconds in ((FAST, 60), (AT_ONCE, 10), (BY_FORCE, 0)):
        os.kill(server, how)
        time.sleep(patience_seconds)  # the process ends with the server, from the main thread


if __name__ == "__main__":
    main(sys.argv[1:])
