"""The first process of a step's namespaces; started as a script with only the standard library.

Brings the loopback device of the new network namespace up, starts the command, and reaps whatever the command leaves behind
until it ends. When this process ends, the kernel ends everything else in its process namespace.

Usage: ``inside.py COMMAND [ARGUMENT…]``.
"""

import fcntl
import os
import signal
import socket
import struct
import sys

_SIOCSIFFLAGS = 0x8914  # <bits/ioctls.h>
_UP_AND_RUNNING = 0x1 | 0x40  # IFF_UP | IFF_RUNNING
_SIGNALLED = 128  # what a shell adds to the number of the signal that ended a command


def loopback_up() -> None:
    """Make 127.0.0.1 reachable inside, so that tests may serve themselves."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", _UP_AND_RUNNING))


def run(command: list[str]) -> int:
    """Run a command and give its exit status as a shell would."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and children inherit that
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    while True:
        ended, status = os.wait()
        if ended == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else _SIGNALLED - code


if __name__ == "__main__":
    loopback_up()
    sys.exit(run(sys.argv[1:]))
