"""Is everything installed that this checkout needs? Standard library only, for any Python that can say no."""

import contextlib
import ctypes
import fcntl
import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NEWEST, OLDEST = 15, 11  # Python 3.x
PATIENCE = 8  # seconds between a polite stop and a kill


class Stopped(Exception):
    """What a person must read before this can go on."""


def main(errand):
    """Run an errand that returns an exit code; stop with a sentence, never with a traceback."""
    use_a_python_new_enough()
    try:
        sys.exit(errand(sys.argv[1:]))
    except Stopped as reason:
        say(f"\n{reason}")
        sys.exit(1)
    except KeyboardInterrupt:
        say("\nStopped. The same command goes on where this one left off.")
        sys.exit(130)


def say(text=""):
    print(text, flush=True)


# --- a Python ---------------------------------------------------------------------------------------


def use_a_python_new_enough():
    if sys.version_info >= (3, OLDEST):
        return
    for minor in range(NEWEST, OLDEST - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, *sys.argv])
    here = ".".join(str(part) for part in sys.version_info[:2])
    sys.exit(f"GRU needs Python 3.{OLDEST} or newer; this is Python {here}. Please install a newer one.")


# --- the virtual environment ------------------------------------------------------------------------


def prepare(lock_name):
    """Make `.venv` hold exactly what the lock file asks for; costs nothing when it does already."""
    lock = ROOT / lock_name
    if is_prepared(lock):
        return
    with one_at_a_time():
        if is_prepared(lock):
            return
        make_venv()
        install(lock)
        put_project_on_path()
        stamp(lock).write_text(fingerprint(lock))


def is_prepared(lock):
    with contextlib.suppress(OSError):
        return PYTHON.exists() and stamp(lock).read_text() == fingerprint(lock)
    return False


def stamp(lock):
    return VENV / f".installed-{lock.stem}"


def fingerprint(lock):
    digest = hashlib.sha256(str(ROOT).encode())
    for file in (lock, Path(__file__)):
        digest.update(file.read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def one_at_a_time():
    door = os.open(str(ROOT), os.O_RDONLY)
    try:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield
    finally:
        os.close(door)


def make_venv():
    if runs([str(PYTHON), "-c", f"import sys; sys.exit(sys.version_info < (3, {OLDEST}))"]):
        return
    say(f"Making {VENV.name} with Python {sys.version.split()[0]}")
    venv.create(VENV, clear=True, symlinks=True, with_pip=has_ensurepip())


def has_ensurepip():
    """Debian and Ubuntu leave it out of `python3`."""
    return runs([sys.executable, "-c", "import ensurepip; ensurepip.version()"])


def installer():
    """A pip that can install into `.venv`: its own, another Python's, or Debian's after installing it."""
    for find in (own_pip, another_pip, pip_from_debian):
        command = find()
        if command:
            return command
    raise Stopped(
        "This Python has no pip, so nothing can be installed. On Debian or Ubuntu, as root:\n\n"
        "    apt-get install python3-venv\n\nthen run this command again."
    )


def own_pip():
    command = [str(PYTHON), "-m", "pip"]
    if not runs([*command, "--version"]) and has_ensurepip():
        runs([str(PYTHON), "-m", "ensurepip", "--default-pip"])
    return command if runs([*command, "--version"]) else None


def another_pip():
    for host in (sys.executable, "/usr/bin/python3"):
        command = [host, "-m", "pip", "--python", str(PYTHON)]
        if runs([*command, "--version"]):
            return command
    return None


def pip_from_debian():
    if not can_install_packages():
        return None
    ours = sys.executable.startswith("/usr/bin/")
    package = f"python3.{sys.version_info[1]}-venv" if ours else "python3-pip"
    say(f"This Python has no pip: installing Debian's {package}")
    install_packages(package)
    return own_pip() or another_pip()


def can_install_packages():
    return hasattr(os, "geteuid") and os.geteuid() == 0 and bool(shutil.which("apt-get"))


def install_packages(*names):
    """Whether apt-get installed them."""
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    apt = ["apt-get", "-q", "-y", "--no-install-recommends"]
    with (VENV / "apt.log").open("w") as log:
        for command in (["apt-get", "-q", "update"], [*apt, "install", *names]):
            code = run(command, env=quiet, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    if code:
        say(f"apt-get could not install {' '.join(names)}; what it said is in .venv/apt.log")
    return code == 0


def install(lock):
    pins = pinned(lock)
    say(f"Installing {lock.name}: at most {len(pins)} packages")
    began = time.monotonic()
    # to compile every module takes as long as to install them; Python compiles those that are used
    options = ["--require-hashes", "--only-binary", ":all:", "--no-compile", "--progress-bar", "off", "--no-input"]
    command = [*installer(), "install", *options, "--disable-pip-version-check", "--no-deps", "-r"]
    said = []
    code = run(both(command, pins), env=dict(os.environ, PIP_USER="0"), each_line=lambda line: tell(said, line))
    if code:
        wrong = next((number for number, line in enumerate(said) if line.startswith("ERROR")), -15)
        raise Stopped("".join(said[wrong:][:15]) + "\npip could not install what is needed; its words are above.")
    clear_line = "\r\033[K" if sys.stdout.isatty() else ""
    say(f"{clear_line}Installed in {time.monotonic() - began:.0f} s")


def pinned(lock):
    """The lines of each package: its version and its hashes."""
    lines = [line for line in lock.read_text().splitlines() if not line.lstrip().startswith("#")]
    starts = [number for number, line in enumerate(lines) if "==" in line and line[0].isalpha()]
    return ["\n".join(lines[start:end]) for start, end in zip(starts, [*starts[1:], None], strict=True)]


def both(command, pins):
    """Two pips side by side, each with half of the packages: one keeps only one processor busy."""
    halves = []
    for number in range(2):
        halves.append(VENV / f"half-{number}.txt")
        halves[-1].write_text("\n".join(pins[number::2]))
    first, second = (shlex.join([*command, str(half)]) for half in halves)
    return ["sh", "-c", f"{first} & {second} && wait $!"]


def tell(said, line):
    said.append(line)
    words = line.split()
    if sys.stdout.isatty() and words and words[0] in ("Collecting", "Installing"):
        count = sum(1 for earlier in said if earlier.startswith("Collecting"))
        print(f"  {count:>3}  {words[1][:60]:<70}", end="\r", flush=True)


def put_project_on_path():
    """What `pip install --editable` does, without the build tools it would have to fetch."""
    where = subprocess.check_output(
        [str(PYTHON), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    )
    Path(where.strip(), "gru.pth").write_text(f"{ROOT}\n")
    script = VENV / "bin" / "gru"
    script.write_text(
        "#!/bin/sh\n"
        f"'''exec' {shlex.quote(str(PYTHON))} \"$0\" \"$@\"\n"
        "' '''\n"
        "import sys\n\nfrom gru.cli import main\n\nsys.exit(main())\n"
    )
    script.chmod(0o755)


def environment(**more):
    """This one, with `.venv` first, each process's lines shown as they come, and each module compiled once."""
    path = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)])
    ours = {"PATH": path, "VIRTUAL_ENV": str(VENV), "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": ""}
    return {**os.environ, **ours, **more}


# --- other programs ---------------------------------------------------------------------------------


def runs(command):
    """Whether it can be run, and says yes."""
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError:
        return False
    return done.returncode == 0


def run(command, each_line=None, meanwhile=None, **options):
    """Its exit code. What stops us stops it; whatever it started and left behind ends with it."""
    adopt_orphans()
    if each_line:
        options.update(stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    with Signals() as signals:
        child = subprocess.Popen(command, start_new_session=True, preexec_fn=end_with_parent, **options)
        signals.child = child
        try:
            for line in child.stdout or ():
                each_line(line)
            attend(child, signals, meanwhile)
        finally:
            end_leftovers(child)
    if signals.received == signal.SIGINT:
        raise KeyboardInterrupt
    if signals.received:
        sys.exit(128 + signals.received)
    return child.returncode


def attend(child, signals, meanwhile):
    while child.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=0.1)
        if meanwhile and not signals.received:
            meanwhile()
        if signals.received and time.monotonic() > signals.deadline:
            kill_group(child.pid)


class Signals:
    """While inside, a signal that would stop us is handed to the child, and remembered."""

    KINDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self):
        self.child, self.received, self.deadline = None, None, 0.0

    def __enter__(self):
        self.before = {kind: signal.signal(kind, self.pass_on) for kind in self.KINDS}
        return self

    def __exit__(self, *_):
        for kind, handler in self.before.items():
            signal.signal(kind, handler)

    def pass_on(self, number, _frame):
        hurried, self.received = bool(self.received), number
        self.deadline = time.monotonic() + PATIENCE
        if self.child and hurried:
            kill_group(self.child.pid)
        elif self.child:
            self.child.send_signal(signal.SIGINT if number == signal.SIGINT else signal.SIGTERM)


def kill_group(pid):
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def end_leftovers(child):
    """Whatever it started: asked first, then killed; those that come to us when their parent ends, too."""
    kill_group(child.pid)
    child.wait()
    began, asked = time.monotonic(), set()
    while (left := our_children()) and time.monotonic() < began + 10:
        kind = signal.SIGTERM if time.monotonic() < began + 3 else signal.SIGKILL
        for pid in left:
            if kind == signal.SIGKILL or pid not in asked:
                asked.add(pid)
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, kind)
        reap()
        time.sleep(0.02)


def our_children():
    with contextlib.suppress(OSError):
        return [int(pid) for pid in Path("/proc/self/task", str(os.getpid()), "children").read_text().split()]
    return []


def reap():
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


# On Linux, the kernel helps: our children's orphans become ours, and a child ends when we are killed.
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
SET_PARENT_DEATH_SIGNAL, SET_CHILD_SUBREAPER = 1, 36


def adopt_orphans():
    if LIBC:
        LIBC.prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_with_parent():
    if LIBC:
        LIBC.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0)
