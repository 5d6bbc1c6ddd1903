#!/usr/bin/env python3
"""Joins all results into build/trace.json and prints the totals.

  trace.py RESULTS_DIR TRACE_JSON CLAIMED_TXT [--some]

A test proves the requirements its name begins with: "S0-31: …", "S0-31, S0-36: …". A test named
"S0-09 (part): …" proves a part, and is marked so; so is every test of a requirement that
CLAIMED_TXT does not claim whole. A claimed requirement without a whole test counts as a failure,
unless only --some of the tests ran.
"""

import json
import pathlib
import re
import sys

results_dir, trace_file, claims_file = (pathlib.Path(name) for name in sys.argv[1:4])
all_ran = "--some" not in sys.argv[4:]
claimed = {
    name
    for line in claims_file.read_text().splitlines()
    if not line.startswith("#")
    for name in line.split()
}
named = re.compile(r"^((?:(?:S[012]|L)-\d+)(?:, (?:S[012]|L)-\d+)*)( \(part\))?:")
requirements: dict[str, list[dict]] = {}
passed = failed = 0

for file in sorted(results_dir.glob("*.json")):
    for result in json.loads(file.read_text()):
        good = result["result"] == "passed"
        passed += good
        failed += not good
        match = named.match(result["test"])
        if not match:
            continue
        entry = {"test": result["test"], "result": result["result"], "run": file.stem}
        for requirement in match[1].split(", "):
            part = {"part": True} if match[2] or requirement not in claimed else {}
            requirements.setdefault(requirement, []).append(entry | part)

if all_ran:
    for requirement in sorted(claimed):
        if all(entry.get("part") for entry in requirements.get(requirement, [])):
            print(f"FAILED: {requirement} is claimed whole in {claims_file}, but no test proves it")
            failed += 1

trace_file.parent.mkdir(parents=True, exist_ok=True)
ordered = dict(sorted(requirements.items()))
trace_file.write_text(json.dumps({"requirements": ordered}, indent=1, ensure_ascii=False) + "\n")
whole = [name for name, tests in ordered.items() if not all(test.get("part") for test in tests)]
print(f"{len(ordered)} requirements have tests: {len(whole)} whole, {len(ordered) - len(whole)} in part")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
