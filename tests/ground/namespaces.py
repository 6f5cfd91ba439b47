"""Namespaces of the test process's own: ports are free, nothing reaches the machine, and all is gone at the end."""

import contextlib
import ctypes
import fcntl
import os
import resource
import signal
import socket
import struct
import subprocess
from pathlib import Path

import pytest


USER = 65532


def enter():
    """Move this process into mount and network namespaces of its own, with nothing in them but loopback."""
    new_mounts, new_network, private = 0x20000, 0x40000000, (1 << 18) | (1 << 14)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(new_mounts | new_network) or libc.mount(b"none", b"/", None, private, None):
        pytest.exit(f"cannot make namespaces: {os.strerror(ctypes.get_errno())}", 2)
    with socket.socket() as loopback:
        up = struct.pack("16sh", b"lo", 1)
        fcntl.ioctl(loopback, 0x8914, up)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 8192:
        pytest.exit(f"needs a limit of 8192 open files, has {most}", 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, most))


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


# Two process namespaces: when the outer one's process 1 goes, the kernel ends all that is in them. One would not do:
# a process that changes its user is no longer ended with its parent.
ALONE = ["unshare", "--pid", "--fork", "--kill-child", "--", "unshare", "--pid", "--fork", "--mount", "--"]


def end_with_us():
    """In a new process, before its program runs: the kernel ends it with this one."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def start_alone(command, stdout, stderr):
    """Start a command that ends with this process, with the usual limit of open files."""

    def prepare_process():
        end_with_us()
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, most))

    return subprocess.Popen([*ALONE, *command], stdout=stdout, stderr=stderr, preexec_fn=prepare_process)


def children(pid):
    """The processes below one, with their command lines, as this namespace numbers them."""
    found, parents = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    for child in parents:
        ancestor = parents[child]
        while ancestor in parents and ancestor != pid:
            ancestor = parents[ancestor]
        if ancestor == pid:
            with contextlib.suppress(OSError):
                found[child] = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found
