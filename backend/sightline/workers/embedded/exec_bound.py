"""Run as a script, standard library only: bind this process to its parent, drop to a user, become the program.

usage: python -I -S exec_bound.py PARENT_PID SIGNAL UID GID PROGRAM ARGUMENT...   (UID -1: stay who you are)

Doing this in a process of its own, and not between fork and exec of the parent, is safe however many threads the
parent has. On Linux the kernel sends SIGNAL when the parent's starting thread ends (prctl(2), PR_SET_PDEATHSIG), so
even kill -9 of the parent stops the program in order. Other systems have no such call: there the next start
stops what was left behind.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(arguments: list[str]) -> None:
    """Never returns: the process becomes the program, or ends with a traceback on stderr."""
    parent, death_signal, uid, gid = (int(argument) for argument in arguments[:4])
    command = arguments[4:]
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":  # after setuid, which clears the setting
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:  # it died before the binding was made
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606  the list comes from our own supervisor


if __name__ == "__main__":
    main(sys.argv[1:])
