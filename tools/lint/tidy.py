#!/usr/bin/env python3
"""clang-tidy on every source that is not a test, two at a time.

  tidy.py BUILD_DIR [FILE...]

BUILD_DIR has the compilation database and has been built. What was clean is not looked at again
until it, a header of ours that it includes, or .clang-tidy changes: BUILD_DIR/tidy keeps an empty
file for each such state. Exits with 1 if anything was found.
"""

import concurrent.futures
import hashlib
import pathlib
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
program = "clang-tidy-19"


def sources() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "src/*.cpp", "examples/*.cpp"], cwd=root, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split() if not name.endswith("_test.cpp")]


def headers_of(build: pathlib.Path) -> dict[str, list[str]]:
    """Our own files that each source was last compiled from, by ninja's log."""
    log = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = {}
    for block in log.stdout.split("\n\n"):
        paths = [(build / line.strip()).resolve() for line in block.splitlines()[1:]]
        ours = [str(path.relative_to(root)) for path in paths if path.is_relative_to(root)]
        if ours:
            found[ours[0]] = sorted(ours)
    return found


def state_of(name: str, headers: list[str], common: bytes) -> str:
    digest = hashlib.sha256(common + name.encode())
    for header in headers:
        digest.update(hashlib.sha256((root / header).read_bytes()).digest())
    return digest.hexdigest()


def main() -> int:
    build = pathlib.Path(sys.argv[1]).resolve()
    wanted = sys.argv[2:] or sources()
    headers = headers_of(build)
    version = subprocess.run([program, "--version"], capture_output=True, check=True).stdout
    common = version + (root / ".clang-tidy").read_bytes()
    clean = build / "tidy"
    clean.mkdir(exist_ok=True)
    failed = done = 0

    def look(name: str) -> tuple[str, str]:
        # Without a record of its headers (never built here) there is no telling what it saw.
        mark = clean / state_of(name, headers[name], common) if name in headers else None
        if mark and mark.exists():
            return name, ""
        ran = subprocess.run(
            [program, "-p", str(build), "--quiet", name], cwd=root, capture_output=True, text=True, check=False
        )
        if ran.returncode == 0:
            if mark:
                mark.touch()
            return name, ""
        return name, ran.stdout + ran.stderr

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, said in pool.map(look, wanted):
            done += 1
            if said:
                failed += 1
                print(f"FAILED {name}\n{said}", flush=True)
            if done % 20 == 0 or done == len(wanted):
                print(f"  {done} of {len(wanted)} files, {failed} with findings", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
