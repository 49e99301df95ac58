"""The processor time that another process has used, in nanoseconds, without asking it.

Linux: the clock id of a process's CPU-time clock is made from its pid (clock_getcpuclockid(3); the kernel's
``MAKE_PROCESS_CPUCLOCK``: the pid's complement, shifted by three, with CPUCLOCK_SCHED in the low bits).
"""

from __future__ import annotations

import time

_CPUCLOCK_SCHED = 2


def cpu_s(pid: int) -> float:
    """Seconds of user and system time of all threads of ``pid`` so far; raises `OSError` when there is none."""
    return time.clock_gettime((~pid << 3) | _CPUCLOCK_SCHED)
