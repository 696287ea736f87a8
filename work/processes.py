"""Children that end with their parent, and are started again when they end by themselves.

Needs nothing of Django: the scripts use it as well.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 5  # seconds between asking to stop and making stop
STEADY = 60  # seconds after which a child is thought well, and its pause short again
LONGEST_PAUSE = 30
STOPPING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def stop_on_signals() -> None:
    """Turns the signals that ask to stop into KeyboardInterrupt; nohup stays in force."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _interrupt)


def ignore_signals() -> None:
    """Keeps further signals from ending the tidying up."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def linux(number: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(number, value)


def adopt_orphans() -> None:
    """Grandchildren whose parent died come to us, so that we can see them end."""
    linux(36, 1)  # PR_SET_CHILD_SUBREAPER


def stop_with_parent() -> None:
    """The end of the parent asks us to stop."""
    linux(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Watchdog:
    """A process of its own that ends every group it was told of when this process vanishes."""

    def __init__(self, patience: float = PATIENCE) -> None:
        ours, self._pipe = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._pipe)
            os.setsid()
            ignore_signals()
            self._wait(ours, patience)
            os._exit(0)
        os.close(ours)

    @staticmethod
    def _wait(pipe: int, patience: float) -> None:
        groups: set[int] = set()
        with open(pipe) as lines:
            for line in lines:
                group = int(line)  # negative: it ended
                if group > 0:
                    groups.add(group)
                groups.discard(-group)
        for group in groups:
            send(os.kill, group, signal.SIGTERM)
        if groups:
            time.sleep(patience)
        for group in groups:
            send(os.killpg, group, signal.SIGKILL)

    def guard(self, group: int) -> None:
        os.write(self._pipe, f"{group}\n".encode())

    def release(self, group: int) -> None:
        os.write(self._pipe, f"{-group}\n".encode())

    def dismiss(self) -> None:
        os.close(self._pipe)
        os.waitpid(self._pid, 0)


def send(how: Callable[[int, int], None], target: int, number: int) -> None:
    try:
        how(target, number)
    except (ProcessLookupError, PermissionError):
        pass


class Family:
    """The children, each with its own children in a process group of its own."""

    def __init__(self, watchdog: Watchdog, patience: float = PATIENCE) -> None:
        self._watchdog = watchdog
        self._patience = patience
        self._children: list[subprocess.Popen] = []

    def start(self, command: list[str], environment: dict[str, str], **options) -> subprocess.Popen:
        # A signal between the start and the notes below would leave a child that nobody knows.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            child = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_unblock,
                **options,
            )
            self._children.append(child)
            self._watchdog.guard(child.pid)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        return child

    def stop(self) -> None:
        """Asks all heads to stop, waits a little, and ends what is left."""
        for child in self._children:
            if child.poll() is None:
                send(os.kill, child.pid, signal.SIGTERM)
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline and any(is_alive(child) for child in self._children):
            time.sleep(0.1)
        for child in list(self._children):
            self.end(child)

    def end(self, child: subprocess.Popen) -> None:
        """Ends a child at once, with everything it started."""
        send(os.killpg, child.pid, signal.SIGKILL)
        child.wait()
        self._watchdog.release(child.pid)
        self._children.remove(child)


def _unblock() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)


def is_alive(child: subprocess.Popen) -> bool:
    """Whether the child or anything it started still runs."""
    if child.poll() is None:
        return True
    try:
        while os.waitpid(-child.pid, os.WNOHANG)[0]:  # the dead we adopted must be buried by us
            pass
    except ChildProcessError:
        pass
    try:
        os.killpg(child.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


class Service:
    """A child that is started again when it ends by itself, after a growing pause."""

    def __init__(
        self,
        family: Family,
        name: str,
        command: list[str],
        environment: dict[str, str],
        say: Callable[[str], object],
    ) -> None:
        self._family, self._name, self._say = family, name, say
        self._command, self._environment = command, environment
        self._pause = 1
        self._again = 0.0
        self.start()

    def start(self) -> None:
        self.child: subprocess.Popen | None = self._family.start(self._command, self._environment)
        self._since = time.monotonic()

    def look_after(self) -> None:
        """To be called again and again: notices an end, and starts anew when the pause is over."""
        if self.child is None:
            if time.monotonic() >= self._again:
                self.start()
        elif self.child.poll() is not None:
            if time.monotonic() - self._since > STEADY:
                self._pause = 1
            code = self.child.returncode
            self._say(f"The {self._name} ended ({code}); it starts again in {self._pause} s.")
            self._family.end(self.child)  # and what it left running
            self.child = None
            self._again = time.monotonic() + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
