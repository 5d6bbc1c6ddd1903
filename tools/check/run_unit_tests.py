#!/usr/bin/env python3
"""Runs every doctest binary of a build and writes what each test case said.

  run_unit_tests.py BUILD_DIR LABEL RESULTS_DIR [--jobs N] [--seconds N] [--only NAME]

Writes RESULTS_DIR/LABEL.json: [{"test": sentence, "suite": binary, "result": passed|failed}].
Exits with 1 if anything failed, crashed or ran out of time.
"""

import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree


cases_of_piece = 60
everything = 1_000_000


def binaries(build: pathlib.Path) -> list[pathlib.Path]:
    listing = subprocess.run(
        ["ctest", "--show-only=json-v1"], cwd=build, capture_output=True, text=True, check=True
    )
    tests = json.loads(listing.stdout)["tests"]
    return [pathlib.Path(test["command"][0]) for test in tests if "command" in test]


# Databases and recordings of unit tests are synced at every commit, as in production; in memory that
# costs nothing, and what a lost sync does is tested with disks that fail on demand.
def folder_in_memory() -> str | None:
    memory = pathlib.Path("/dev/shm")
    try:
        roomy = shutil.disk_usage(memory).free > 2 << 30 and os.access(memory, os.W_OK | os.X_OK)
    except OSError:
        return None
    return str(memory) if roomy else None


# Test cases of one binary, by their place in its order: a piece that runs by itself.
@dataclasses.dataclass(frozen=True)
class Piece:
    binary: pathlib.Path
    first: int
    last: int
    total: int

    @property
    def name(self) -> str:
        whole = self.first == 1 and self.last == self.total
        return self.binary.name if whole else f"{self.binary.name}-{self.first}-{self.last}"


# A room with many tests would be waited for alone at the end, and meet the limit of time under a
# sanitizer.
def pieces_of(binary: pathlib.Path) -> list[Piece]:
    told = subprocess.run([str(binary), "--count"], capture_output=True, text=True)
    found = re.search(r"passing the current filters: (\d+)", told.stdout)
    if not found or found[1] == "0":
        return [Piece(binary, 1, everything, everything)]  # its run says what is wrong
    total = int(found[1])
    starts = range(1, total + 1, cases_of_piece)
    return [Piece(binary, at, min(at + cases_of_piece - 1, total), total) for at in starts]


def run(piece: Piece, label: str, out: pathlib.Path, seconds: int, folder: str) -> list[dict]:
    binary = piece.binary
    report = out / f"{label}-{piece.name}.xml"
    report.unlink(missing_ok=True)
    # PASS_REGULAR: the console shows failures only, the file has everything.
    command = [str(binary), "--reporters=junit", f"--out={report}"]
    command += [f"--first={piece.first}", f"--last={piece.last}"]
    environment = os.environ | {"TMPDIR": folder}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, env=environment
        )
        tail, code = (done.stdout + done.stderr)[-6000:], done.returncode
    except subprocess.TimeoutExpired as late:
        output = late.stderr or late.stdout or b""
        tail = output.decode(errors="replace")[-6000:] + f"\nno end within {seconds} s"
        code = -1
    results = []
    try:
        cases = ElementTree.parse(report).getroot().iter("testcase")
        for case in cases:
            failed = case.find("failure") is not None or case.find("error") is not None
            name = case.get("name", "")
            results.append(
                {"test": name, "suite": binary.name, "result": "failed" if failed else "passed"}
            )
            if failed:
                for child in case:
                    print(f"FAILED {binary.name}: {name}\n{child.text or child.get('message')}")
    except (ElementTree.ParseError, FileNotFoundError):
        code = code or -1
    if code != 0 and not any(result["result"] == "failed" for result in results):
        name = f"{piece.name} ends well (exit code {code})"
        results.append({"test": name, "suite": binary.name, "result": "failed"})
        print(f"FAILED {name}\n{tail}")
    print(f"  {piece.name}: {len(results)} test cases", flush=True)
    return results


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("label")
    parser.add_argument("results", type=pathlib.Path)
    # More than cores: most of their time they wait for a database.
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    given.results.mkdir(parents=True, exist_ok=True)

    wanted = [binary for binary in binaries(given.build) if given.only in binary.name]
    # The rooms with most tests first, so that none of them is waited for alone at the end.
    wanted.sort(key=lambda binary: binary.stat().st_size if binary.exists() else 0, reverse=True)
    if not wanted:
        print(f"{given.build}: no test binary", file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory(prefix="sallyport-unit-", dir=folder_in_memory()) as folder,
        concurrent.futures.ThreadPoolExecutor(given.jobs) as pool,
    ):
        runs = [
            pool.submit(run, piece, given.label, given.results, given.seconds, folder)
            for binary in wanted
            for piece in pieces_of(binary)
        ]
        results = [result for done in runs for result in done.result()]
    (given.results / f"{given.label}.json").write_text(json.dumps(results, indent=1))
    failed = sum(result["result"] == "failed" for result in results)
    print(f"{given.label}: {len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
