#!/usr/bin/env python3
"""Runs one file of Python tests and writes what each said.

  run_python_tests.py FILE LABEL RESULTS_DIR

A test's name is the first line of its docstring: a sentence, as everywhere. Writes
RESULTS_DIR/LABEL.json for trace.py. Exits with 1 if anything failed or nothing ran.
"""

import importlib.util
import json
import pathlib
import sys
import unittest


class Results(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.told: list[dict] = []

    def tell(self, test, result: str, why: str = "") -> None:
        sentence = " ".join((getattr(test, "_testMethodDoc", None) or str(test)).split("\n\n")[0].split())
        self.told.append({"test": sentence, "suite": "integration", "result": result})
        print(f"  {'ok    ' if result == 'passed' else 'FAILED'} {sentence}", flush=True)
        if why:
            print(why)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.tell(test, "passed")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.tell(test, "failed", self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.tell(test, "failed", self.errors[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.tell(test, "failed", f"{subtest}: {err[1]}")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"  not run: {reason}", flush=True)


file, label, results_dir = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
sys.path.insert(0, str(file.parent))
spec = importlib.util.spec_from_file_location(file.stem, file)
module = importlib.util.module_from_spec(spec)
sys.modules[file.stem] = module
spec.loader.exec_module(module)
results = Results()
unittest.defaultTestLoader.loadTestsFromModule(module).run(results)
results_dir.mkdir(parents=True, exist_ok=True)
(results_dir / f"{label}.json").write_text(json.dumps(results.told, indent=1))
sys.exit(0 if results.wasSuccessful() and results.told else 1)
