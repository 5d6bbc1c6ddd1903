"""A stranger verifies what the walk left, with verifiers written from docs/protocols alone.

SALLYPORT_DEMO names the folder that tools/walk/stand.sh made, SALLYPORT_BUILD a build.
"""

import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

from stranger import verify_audit_log, verify_recording

root = pathlib.Path(__file__).resolve().parents[2]
demo = pathlib.Path(os.environ.get("SALLYPORT_DEMO", root / "build/demo-data"))
build = pathlib.Path(os.environ.get("SALLYPORT_BUILD", root / "build/dev"))
sallyport = build / "src/apps/sallyport/sallyport"


class Stranger(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sallyport-stranger-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def copy_of_the_walk(self) -> pathlib.Path:
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(demo / "data", copy / "data", ignore=shutil.ignore_patterns("lock"))
        shutil.copytree(demo / "anchors", copy / "anchors")
        return copy

    def verify(self, copy: pathlib.Path, key: str, database: bool = True) -> dict:
        return verify_audit_log.verify(
            copy / "data/log", key, copy / "anchors",
            copy / "data/sallyport.db" if database else None,
        )

    def assert_wrong(self, what: str, verify) -> None:
        try:
            verify()
        except (verify_audit_log.Wrong, verify_recording.Wrong, ValueError, OSError):
            return
        self.fail(f"{what}: the verifier found nothing")


def flip(file: pathlib.Path, offset: int) -> None:
    content = bytearray(file.read_bytes())
    content[offset] ^= 1
    file.write_bytes(content)


class AuditLog(Stranger):
    def setUp(self):
        super().setUp()
        self.key = (demo / "data/log/vkey").read_text().strip()

    def test_walk(self):
        """a stranger's verifier, written from the document alone, verifies the walk's audit log, anchors and database"""
        told = self.verify(self.copy_of_the_walk(), self.key)
        self.assertGreater(told["events"], 40)
        self.assertGreater(told["types"], 20)
        self.assertGreaterEqual(told["anchors"], 2)
        self.assertEqual(told["rows"], told["events"])
        self.assertGreater(told["personal"], told["events"])

    def test_every_byte(self):
        """one changed byte of entries, tiles, checkpoint or an anchor is found by the stranger's verifier"""
        copy = self.copy_of_the_walk()
        size = int((copy / "data/log/checkpoint").read_text().split("\n")[1])
        self.assertLess(size, 256, "the walk fits into one bundle")
        files = [copy / f"data/log/tile/{kind}/000.p/{size}" for kind in ("entries", "0")]
        files += [copy / "data/log/checkpoint", *sorted((copy / "anchors").glob("*checkpoint"))]
        self.assertGreaterEqual(len(files), 5)
        for file in files:
            length = file.stat().st_size
            for offset in sorted({0, length - 1, *range(7, length, max(1, length // 12))}):
                flip(file, offset)
                self.assert_wrong(
                    f"{file.relative_to(copy)} byte {offset}",
                    lambda: self.verify(copy, self.key, database=False),
                )
                flip(file, offset)
        self.verify(copy, self.key)

    def test_rows(self):
        """a changed row, column or personal text, and a deleted row, are found by the stranger's verifier"""
        guards = [
            "audit_event_numbered_once", "audit_event_never_changed", "audit_event_never_deleted",
            "audit_personal_never_changed",
        ]
        for change in [
            "UPDATE audit_event SET outcome = 'success' WHERE outcome = 'refused'",
            "UPDATE audit_event SET at_us = at_us + 1 WHERE leaf_index = 7",
            "UPDATE audit_event SET leaf = CAST(replace(CAST(leaf AS TEXT), 'gate-1', 'gate-2') AS BLOB) "
            "WHERE leaf_index = 9",
            "DELETE FROM audit_event WHERE leaf_index = 11",
            "UPDATE audit_event SET leaf_index = 1000 - leaf_index WHERE leaf_index IN (499, 501, 12)",
            "UPDATE audit_personal SET content = 'mallory' WHERE content = 'erik'",
        ]:
            copy = self.copy_of_the_walk()
            database = sqlite3.connect(copy / "data/sallyport.db")
            for guard in guards:
                database.execute(f"DROP TRIGGER {guard}")
            self.assertGreater(database.execute(change).rowcount, 0, change)
            database.commit()
            database.close()
            self.assert_wrong(change, lambda: self.verify(copy, self.key))

    def test_rollback(self):
        """a log that was rolled back together with its database is found by a checkpoint that the stranger kept"""
        copy = self.copy_of_the_walk()
        newest = copy / "data/log/checkpoint"
        shutil.copy(newest, copy / f"anchors/{newest.read_text().split(chr(10))[1]}.checkpoint")
        self.verify(copy, self.key)
        oldest = min((copy / "anchors").glob("*.checkpoint"), key=lambda path: int(path.stem))
        shutil.copy(oldest, copy / "data/log/checkpoint")
        self.assert_wrong("rollback", lambda: self.verify(copy, self.key, database=False))

    def test_other_key(self):
        """a log signed by a key that the stranger does not hold is refused"""
        example = re.search(r"test\.example/audit\+\S+", (root / "docs/protocols/audit-log.md").read_text())
        self.assert_wrong("another key", lambda: self.verify(self.copy_of_the_walk(), example[0]))

    def test_agreement(self):
        """the stranger's verifier and `sallyport audit verify` agree about the walk and about one changed byte"""
        copy = self.copy_of_the_walk()
        command = [sallyport, "audit", "verify", "--log", copy / "data/log", "--anchors",
                   copy / "anchors", "--key", self.key, "--json"]
        ours = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(ours.returncode, 0, ours.stdout + ours.stderr)
        told = self.verify(copy, self.key)
        self.assertEqual(json.loads(ours.stdout)["size"], told["events"])
        flip(next((copy / "data/log/tile/entries/000.p").glob(str(told["events"]))), 300)
        self.assertEqual(subprocess.run(command, capture_output=True).returncode, 1)
        self.assert_wrong("a changed entry", lambda: self.verify(copy, self.key, database=False))

    def test_example(self):
        """the document's worked example is a log that the stranger's verifier accepts"""
        text = (root / "docs/protocols/audit-log.md").read_text()
        blocks = re.findall(r"```\n(.*?)```", text.split("## Worked example")[1], re.DOTALL)
        leaves = [block.strip().encode() for block in blocks if block.startswith('{"at"')]
        self.assertEqual(len(leaves), 2)
        key = next(block for block in blocks if "+d5ea4e84+" in block).strip()
        checkpoint = next(block for block in blocks if block.startswith("test.example/audit\n2\n"))
        log = self.folder / "log"
        for name, content in {
            "checkpoint": checkpoint.encode(),
            "tile/entries/000.p/2": b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves),
            "tile/0/000.p/2": b"".join(map(verify_audit_log.leaf_hash, leaves)),
        }.items():
            (log / name).parent.mkdir(parents=True, exist_ok=True)
            (log / name).write_bytes(content)
        self.assertEqual(verify_audit_log.verify(log, key)["events"], 2)
        for salted, path, name in [
            (leaves[1], "fields.identifier", "mallory"), (leaves[1], "where.source", "192.0.2.99"),
        ]:
            self.assertIn(verify_audit_log.commitment(path, bytes(16), name).encode(), salted)


class Recordings(Stranger):
    def sealed(self) -> list[tuple[str, str]]:
        """(connection, root hash) as the published log tells them."""
        log = demo / "data/log"
        size = int((log / "checkpoint").read_text().split("\n")[1])
        events = map(json.loads, verify_audit_log.read_leaves(log, size))
        return [
            (event["what"]["object"].removeprefix("recording:"), event["fields"]["root_hash"])
            for event in events
            if event["type"] == "rec.sealed"
        ]

    def test_walk(self):
        """a stranger checks every sealed recording of the walk without a key, by the root hash in the audit log"""
        sealed = self.sealed()
        self.assertGreater(len(sealed), 0)
        for connection, root_hash in sealed:
            told = verify_recording.verify(demo / "data/recordings", connection, root_hash)
            self.assertGreater(told["exchanges"], 0)
            self.assertGreater(told["frames"], 3 * told["exchanges"])

    def test_every_byte(self):
        """one changed byte of a recording's manifest or segment is found by the stranger's check"""
        connection, root_hash = self.sealed()[0]
        recordings = self.copy_of_the_walk() / "data/recordings"
        folder = verify_recording.folder_of(recordings, connection)
        for file in [folder / "manifest.json", folder / "000001.segment"]:
            length = file.stat().st_size
            for offset in sorted({0, length - 1, *range(5, length, max(1, length // 40))}):
                flip(file, offset)
                self.assert_wrong(
                    f"{file.name} byte {offset}",
                    lambda: verify_recording.verify(recordings, connection, root_hash),
                )
                flip(file, offset)
        verify_recording.verify(recordings, connection, root_hash)

    def test_example(self):
        """the record of the worked example is read as the document says"""
        text = (root / "tests/vectors/recording/record.txt").read_text()
        record = bytes.fromhex(re.search(r"^record[ =:]+([0-9a-f]+)", text, re.MULTILINE)[1])
        self.assertEqual(int.from_bytes(record[:4], "big"), len(record) - 8)
        self.assertEqual(int.from_bytes(record[4:8], "big"), verify_recording.crc32c(record[8:]))


if __name__ == "__main__":
    unittest.main()
