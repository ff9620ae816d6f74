"""Every check there is, as ``./run check`` runs it: what it needs is installed, or said to be missing."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SYSTEM = {
    "chromium": "chromium",
    "pg_ctl": "postgresql",
    "redis-server": "redis-server",
    "nginx": "nginx-light",
    "caddy": "caddy",
    "java": "default-jre-headless",
    "npm": "npm",
}

# Thousands of small databases are written through to the disk, which tests would wait for most of their time.
MEMORY, ROOMY = Path("/dev/shm"), 1024**3


def main() -> int:
    """Run the steps in order; stop at none, and fail if any failed."""
    os.chdir(ROOT)
    os.environ["PATH"] += ":/usr/sbin"  # where Debian keeps nginx
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOMY:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)
    install()
    from tests.servers import postgres

    steps = [
        ("lint", [BIN / "ruff", "check", "."], {}),
        ("format", [BIN / "ruff", "format", "--check", "."], {}),
        ("templates", [BIN / "djlint", "app/templates", "--lint", "--quiet"], {}),
        ("types", [BIN / "mypy"], {}),
        ("layers", [BIN / "lint-imports", "--no-cache"], {}),
        ("tests on SQLite", [*PYTEST, "tests", "--ignore", "tests/browser"], {}),
    ]
    failed = [name for name, command, extra in steps if not run(name, command, extra)]
    with postgres() as url:
        others = [f"--ignore=tests/{folder}" for folder in ("browser", "live", "faults")]
        if not run("tests on PostgreSQL", [*PYTEST, "tests", *others], {"WORLDIT_TEST_DATABASE_URL": url}):
            failed.append("tests on PostgreSQL")
    # Whoever is done takes over what the others have not begun: journeys are long and of many lengths.
    if not run("tests in a browser", [*PYTEST, "--dist", "worksteal", "tests/browser"], {}):
        failed.append("tests in a browser")
    print(f"\nfailed: {', '.join(failed)}" if failed else "\nEverything holds.", flush=True)
    return 1 if failed else 0


PYTEST = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile"]


def run(name: str, command: list[object], extra: dict[str, str]) -> bool:
    """Run one step; show what it printed if it failed, and the last line if it is a test run."""
    begin = time.monotonic()
    done = subprocess.run(
        [str(word) for word in command], env={**os.environ, **extra}, capture_output=True, text=True, check=False
    )
    took = time.monotonic() - begin
    output = (done.stdout + done.stderr).strip()
    good = done.returncode == 0
    print(f"{'ok' if good else 'FAILED'}  {name}  ({took:.0f} s)", flush=True)
    if not good:
        print(output[-20_000:], flush=True)
    elif name.startswith("tests"):
        print(output.splitlines()[-1], flush=True)
    return good


def install() -> None:
    """Install what only the checks need: a browser, PostgreSQL, Java for the HTML checker, two npm packages."""
    missing = [package for program, package in SYSTEM.items() if not found(program)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing", ", ".join(missing), "...", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], **quiet)  # type: ignore[call-overload]
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], env=environment, **quiet
        )  # type: ignore[call-overload]
        missing = [package for program, package in SYSTEM.items() if not found(program)]
    if missing:
        sys.exit(f"world-it: the checks need {', '.join(missing)}; install them and run ./run check again.")
    tools = ROOT / "tests/tools"
    if not (tools / "node_modules/axe-core").is_dir():
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=tools, check=True)


def found(program: str) -> bool:
    """Tell whether a program is there; Debian keeps PostgreSQL's out of the path."""
    return bool(shutil.which(program) or list(Path("/usr/lib/postgresql").glob(f"*/bin/{program}")))


if __name__ == "__main__":
    sys.exit(main())
