"""Runs a program that dies with the process that started it, whatever kills that process.

A script of its own, run as ``python -I -S leash.py PARENT-PID PROGRAM ARGUMENT...``: it asks the kernel for SIGKILL at
the parent's death (PR_SET_PDEATHSIG, see prctl(2); it survives execve) and becomes the program. Doing this after the
fork and before the exec of a process with threads is not safe; here there is one thread. Elsewhere than on Linux it
becomes the program at once: there only an orderly end of the supervisor ends its children.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(parent_pid: int, *, by: signal.Signals) -> None:
    """Ask for signal ``by`` at the parent's death; ends this process when the parent is dead already."""
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(by), 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl(PR_SET_PDEATHSIG): {os.strerror(number)}")
    if os.getppid() != parent_pid:  # it died between its fork and our request
        os._exit(125)


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]), by=signal.SIGKILL)
    try:
        os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.stderr.write(f"{sys.argv[2]}: {error.strerror}\n")
        sys.exit(127)
