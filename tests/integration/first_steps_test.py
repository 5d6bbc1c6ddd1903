"""./run and ./check for somebody who is neither root nor may use sudo: what is missing is named, and
how to get it; nothing is built, installed or left behind."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

root = pathlib.Path(__file__).resolve().parents[2]
NOBODY = 65534


class FirstSteps(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sallyport-clone-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.folder.chmod(0o755)
        self.clone = self.folder / "clone"
        tracked = subprocess.run(
            ["git", "ls-files", "-z", "run", "check", "tools"], cwd=root, capture_output=True, check=True
        ).stdout.decode()
        for name in filter(None, tracked.split("\0")):
            (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, self.clone / name)
        self.tools = self.folder / "tools"
        self.tools.mkdir()
        self.fake("sudo", "exit 1")
        self.fake("apt-get", f"echo called >>{self.folder}/apt; exit 1")
        if os.geteuid() == 0:
            os.chown(self.clone, NOBODY, NOBODY)

    def fake(self, name: str, script: str) -> None:
        file = self.tools / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def start(self, *command: str) -> subprocess.CompletedProcess:
        as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        return subprocess.run(
            command, cwd=self.clone, capture_output=True, text=True, timeout=60, **as_nobody,
            env={"PATH": f"{self.tools}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent"},
        )

    def assert_told(self, done: subprocess.CompletedProcess, names: list[str]) -> None:
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        lines = done.stderr.strip().splitlines()
        self.assertEqual(len(lines), 3, done.stderr)
        missing = lines[0].removeprefix("These Debian packages are missing: ").split()
        self.assertEqual(sorted(missing), sorted(names))
        self.assertIn("as root", lines[1])
        self.assertEqual(
            lines[2].split(),
            "apt-get update && apt-get install -y --no-install-recommends".split() + missing,
        )
        self.assertFalse((self.folder / "apt").exists(), "apt-get was called")
        self.assertFalse((self.clone / "build").exists(), "something was built")
        self.assertFalse((self.clone / "demo-data").exists())

    def listed(self, *lists: str) -> list[str]:
        return [
            line
            for name in lists
            for line in (root / f"tools/setup/packages-{name}.txt").read_text().splitlines()
            if line and not line.startswith("#")
        ]

    def test_nothing_there(self):
        """without root, ./run and ./check name every missing package and the command that gets them, and touch nothing"""
        self.fake("dpkg-query", "exit 1")
        brought = [name for name, tool in (("nodejs", "node"), ("npm", "npm"))
                   if shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin")]
        for lists, starts in (
            (["build"], [["./run"], ["./run", "--script"]]),
            (["build", "test"], [["./check"], ["./check", "--quick"]]),
        ):
            wanted = [name for name in self.listed(*lists) if name not in brought]
            for start in starts:
                self.assert_told(self.start(*start), wanted)

    def test_one_missing(self):
        """without root, one missing package is the only one named"""
        self.fake("dpkg-query", 'case "$*" in *" wrk") exit 1;; esac; echo "install ok installed"')
        self.assert_told(self.start("./check"), ["wrk"])

    def test_help(self):
        """./run and ./check tell what they can do without looking at any package"""
        self.fake("dpkg-query", f"echo called >>{self.folder}/apt; exit 1")
        for script, word in (("./run", "--script"), ("./check", "--quick")):
            done = self.start(script, "--help")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(word, done.stdout)
            self.assertEqual(self.start(script, "--no-such-thing").returncode, 2)
        self.assertFalse((self.folder / "apt").exists())


if __name__ == "__main__":
    unittest.main()
