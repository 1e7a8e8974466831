"""The launcher `./arcadia` on machines that lack something: real shell, real processes.

A small checkout stands in for ours: the launcher itself, empty locks, and an application that says
how it was called. Most tests replace the slow part, Python's `venv` and `pip`, by a stub on PATH.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ["cat", "cut", "dirname", "flock", "mkdir", "mv", "readlink", "rm", "sha256sum", "tail", "tr"]


APP = """
import json, os, sys
print(json.dumps([sys.argv[1:], os.getcwd(), os.environ.get("ARCADIA_LONG")]))
sys.exit(7 if "fail" in sys.argv else 0)
"""

# `python3 -m venv` without pip is fast; the pip put in its place notes what it was asked.
STUB = """#!/bin/sh
case "$*" in
*"-m venv "*)
    for last; do :; done
    {when_building}
    "{python}" -I -m venv --without-pip "$last" || exit 1
    for site in "$last"/lib/python3*/site-packages; do
        mkdir "$site/pip"
        printf '%s\\n' 'import sys; open("{calls}", "a").write(" ".join(sys.argv[1:]) + "\\n")' \\
            >"$site/pip/__main__.py"
    done ;;
*) exec "{python}" "$@" ;;
esac
"""


@dataclass
class Machine:
    """A checkout, and a PATH of our own making."""

    place: Path
    checkout: Path = field(init=False)
    bin: Path = field(init=False)
    calls: Path = field(init=False)

    def __post_init__(self) -> None:
        self.checkout = self.place / "a check out"
        self.bin = self.place / "bin"
        self.calls = self.place / "calls"
        app = self.checkout / "src" / "arcadia_app"
        app.mkdir(parents=True)
        shutil.copy(ROOT / "arcadia", self.checkout)
        (app / "__main__.py").write_text(APP, encoding="utf-8")
        (self.checkout / "src" / "pytest.py").write_text(APP, encoding="utf-8")
        for lock in ("requirements.txt", "requirements-dev.txt"):
            (self.checkout / lock).write_text("", encoding="utf-8")
        self.bin.mkdir()
        for tool in TOOLS:
            found = shutil.which(tool)
            if found:
                (self.bin / tool).symlink_to(found)
        self.be_user(1000)

    def be_user(self, uid: int) -> None:
        self.program("id", f"#!/bin/sh\necho {uid}\n")

    def program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text, encoding="utf-8")
        (self.bin / name).chmod(0o755)

    def stub(self, when_building: str = ":") -> str:
        return STUB.format(python=sys.executable, calls=str(self.calls), when_building=when_building)

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.checkout / "arcadia", *words],
            env={"PATH": str(self.bin), "HOME": str(self.place), "PYTHONPATH": "/nowhere"},
            cwd=self.place,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of one start."""
        process = self.start(*words)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def pip_calls(self) -> list[str]:
        return self.calls.read_text(encoding="utf-8").splitlines() if self.calls.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_with_real_venv_and_pip_it_sets_up_once_and_passes_words_directory_and_exit_code_on(
    machine: Machine,
) -> None:
    machine.program("python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    code, out, err = machine.run("one", "two words", "")
    assert (code, json.loads(out)) == (0, [["one", "two words", ""], str(machine.place), None]), err
    assert "installing the libraries" in err
    code, out, err = machine.run("fail")
    assert (code, json.loads(out)[0], err) == (7, ["fail"], "")


def test_the_locks_are_installed_with_hashes_and_only_those_of_the_purpose(
    machine: Machine,
) -> None:
    machine.program("python3", machine.stub())
    assert machine.run("quote")[0] == 0
    assert machine.run("test")[0] == 0
    run, test = machine.pip_calls()
    for call in (run, test):
        assert "--require-hashes" in call
        assert "--only-binary :all:" in call
    assert "requirements-dev.txt" not in run
    assert "requirements.txt" in test
    assert "requirements-dev.txt" in test


def test_a_changed_lock_is_installed_again_and_an_unchanged_one_is_not(machine: Machine) -> None:
    machine.program("python3", machine.stub())
    machine.run()
    machine.run()
    assert len(machine.pip_calls()) == 1
    (machine.checkout / "requirements.txt").write_text("# changed\n", encoding="utf-8")
    assert machine.run()[0] == 0
    assert len(machine.pip_calls()) == 2


def test_two_starts_at_once_take_turns_and_both_run(machine: Machine) -> None:
    machine.program("python3", machine.stub())
    starts = [machine.start(str(number)) for number in range(4)]
    answers = [start.communicate(timeout=60) for start in starts]
    assert [json.loads(out)[0] for out, _ in answers] == [["0"], ["1"], ["2"], ["3"]]
    assert len(machine.pip_calls()) == 1


def test_two_starts_at_once_without_flock_both_run(machine: Machine) -> None:
    (machine.bin / "flock").unlink()
    machine.program("python3", machine.stub())
    starts = [machine.start(str(number)) for number in range(3)]
    answers = [start.communicate(timeout=60) for start in starts]
    assert [json.loads(out)[0] for out, _ in answers] == [["0"], ["1"], ["2"]]
    assert len(list((machine.checkout / ".venv").glob("run-*"))) == 1
    assert not list((machine.checkout / ".venv").rglob(".new.*"))


def test_a_set_up_that_was_killed_is_done_again(machine: Machine) -> None:
    machine.program("python3", machine.stub('mkdir "$last"; echo building >&2; exec cat /dev/zero'))
    process = machine.start()
    log = machine.checkout / ".venv" / "pip.log"
    assert process.stdout is not None
    assert process.stderr is not None
    assert "installing" in process.stderr.readline()
    # The stub writes zeros without end into the log: once it grows, the set-up is half done.
    while not (log.exists() and log.stat().st_size):
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert list((machine.checkout / ".venv").glob(".new.*"))
    machine.program("python3", machine.stub())
    assert machine.run()[0] == 0
    assert not list((machine.checkout / ".venv").glob(".new.*"))


def test_libraries_that_cannot_be_installed_are_reported_with_the_reason(
    machine: Machine,
) -> None:
    machine.program("python3", machine.stub("echo no room on the device >&2; exit 1"))
    code, out, err = machine.run()
    assert (code, out) == (69, "")
    assert "no room on the device" in err
    assert "cannot be installed" in err
    assert not list((machine.checkout / ".venv").glob("run-*"))


def test_without_python_an_ordinary_user_is_told_what_to_install(machine: Machine) -> None:
    code, _, err = machine.run()
    assert code == 69
    assert "install it with this system's packages" in err
    machine.program("apt-get", "#!/bin/sh\nexit 0\n")
    code, _, err = machine.run()
    assert code == 69
    assert "sudo apt-get install python3 python3-venv" in err


def test_without_python_root_on_debian_gets_one(machine: Machine) -> None:
    machine.be_user(0)
    (machine.bin / "ready").write_text(machine.stub(), encoding="utf-8")
    (machine.bin / "ready").chmod(0o755)
    machine.program(
        "apt-get",
        '#!/bin/sh\ncase "$*" in *install*python3-venv*)'
        f' mv "{machine.bin}/ready" "{machine.bin}/python3" ;; esac\n',
    )
    code, out, err = machine.run("demo")
    assert (code, json.loads(out)[0]) == (0, ["demo"]), err
    assert "installing python3 and python3-venv" in err


@pytest.mark.parametrize(
    ("apt", "said"),
    [
        ("echo cannot resolve the mirror >&2; exit 100", "cannot resolve the mirror"),
        ("exit 0", "use Debian 12 or later"),
    ],
)
def test_an_apt_that_does_not_help_is_reported_with_the_next_step(
    machine: Machine, apt: str, said: str
) -> None:
    machine.be_user(0)
    machine.program("apt-get", f"#!/bin/sh\n{apt}\n")
    code, out, err = machine.run()
    assert (code, out) == (69, "")
    assert said in err


def test_an_old_python_is_passed_over(machine: Machine) -> None:
    machine.program("python3", "#!/bin/sh\nexit 1\n")
    machine.program("python3.13", machine.stub())
    assert machine.run()[0] == 0


def test_a_checkout_that_cannot_be_written_uses_the_state_directory(machine: Machine) -> None:
    (machine.checkout / ".venv").write_text("a file, so that no directory can be made here")
    machine.program("python3", machine.stub())
    assert machine.run()[0] == 0
    assert list((machine.place / ".local/state/arcadia-cloud/venv").glob("run-*"))
    _, out, _ = machine.run("test", "-x")
    assert json.loads(out)[0] == [
        "-o",
        f"cache_dir={machine.place}/.local/state/arcadia-cloud/venv/pytest",
        "-x",
    ]


def test_the_tests_run_from_the_root_and_long_adds_the_long_ones(machine: Machine) -> None:
    machine.program("python3", machine.stub())
    _, out, _ = machine.run("test", "tests/unit", "-k", "a b")
    assert json.loads(out) == [["tests/unit", "-k", "a b"], str(machine.checkout), None]
    _, out, _ = machine.run("test", "--long", "-x")
    assert json.loads(out) == [["-m", "long or not long", "-x"], str(machine.checkout), "1"]


def test_it_is_found_through_a_link_and_runs_where_it_was_called(machine: Machine) -> None:
    machine.program("python3", machine.stub())
    (machine.bin / "arcadia").symlink_to(machine.checkout / "arcadia")
    answer = subprocess.run(
        [machine.bin / "arcadia", "seed"],
        env={"PATH": str(machine.bin), "HOME": str(machine.place)},
        cwd=machine.bin,
        capture_output=True,
        check=True,
    )
    assert json.loads(answer.stdout)[:2] == [["seed"], str(machine.bin)]
