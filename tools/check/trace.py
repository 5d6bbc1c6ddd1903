#!/usr/bin/env python3
"""Joins all results into build/trace.json and prints the totals.

  trace.py RESULTS_DIR TRACE_JSON

A test proves the requirements its name begins with: "S0-31: …", "S0-31, S0-36: …". A test named
"S0-09 (part): …" proves a part, and is marked so.
"""

import json
import pathlib
import re
import sys

results_dir, trace_file = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
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
        if match[2]:
            entry["part"] = True
        for requirement in match[1].split(", "):
            requirements.setdefault(requirement, []).append(entry)

trace_file.parent.mkdir(parents=True, exist_ok=True)
ordered = dict(sorted(requirements.items()))
trace_file.write_text(json.dumps({"requirements": ordered}, indent=1, ensure_ascii=False) + "\n")
whole = [name for name, tests in ordered.items() if not all(test.get("part") for test in tests)]
print(f"{len(ordered)} requirements have tests: {len(whole)} whole, {len(ordered) - len(whole)} in part")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
