#!/usr/bin/env python3
"""Verifies a Sallyport audit log without any of Sallyport's code.

  verify_audit_log.py LOG_FOLDER --key VKEY [--anchors FOLDER] [--database FILE] [--export FILE]

Written from docs/protocols/audit-log.md alone, with Python's standard library and the `openssl`
command for Ed25519, to prove that the document is enough. Prints what is wrong, a line each, and
exits with 1; or prints how much was right.
"""

import argparse
import base64
import dataclasses
import hashlib
import json
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile

ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: what openssl wants in front
COLUMNS = {  # of audit_event: where in the leaf they come from
    "event_id": ("id",),
    "at_us": ("at",),
    "type": ("type",),
    "person_id": ("who", "person"),
    "account_id": ("who", "account"),
    "role": ("who", "role"),
    "actor_system": ("who", "system"),
    "session_id": ("session",),
    "grant_id": ("grant",),
    "action": ("what", "action"),
    "object": ("what", "object"),
    "outcome": ("outcome",),
    "reason": ("reason",),
    "amr": ("factor", "amr"),
}


class Wrong(Exception):
    """Something that is not as the document says."""


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


# --- keys and notes


def ed25519_is_good(public_key: bytes, message: bytes, signature: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        where = pathlib.Path(folder)
        (where / "key").write_bytes(ED25519_SPKI + public_key)
        (where / "message").write_bytes(message)
        (where / "signature").write_bytes(signature)
        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key",
             "-rawin", "-in", "message", "-sigfile", "signature"],
            cwd=where, capture_output=True,
        )
    return done.returncode == 0


@dataclasses.dataclass(frozen=True)
class Key:
    origin: str
    key_id: bytes
    public: bytes
    text: str

    @staticmethod
    def parse(text: str) -> "Key":
        text = text.strip()
        match = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)", text)
        if not match:
            raise Wrong(f"{text!r} is not a verifier key")
        raw = base64.b64decode(match[3], validate=True)
        if len(raw) != 33 or raw[0] != 1:
            raise Wrong("the verifier key is not Ed25519")
        if sha256(match[1].encode() + b"\n", raw)[:4].hex() != match[2]:
            raise Wrong("the verifier key's id is not its own")
        return Key(match[1], bytes.fromhex(match[2]), raw[1:], text)

    def signed(self, note: bytes) -> bytes:
        """The text of the note, if this key signed it."""
        text, gap, lines = note.rpartition(b"\n\n")
        if not gap or not lines.endswith(b"\n"):
            raise Wrong("not a signed note")
        text += b"\n"
        for line in lines.decode().splitlines():
            match = re.fullmatch(r"— (\S+) ([A-Za-z0-9+/]+=*)", line)
            if not match:
                raise Wrong("a signature line is malformed")
            blob = base64.b64decode(match[2], validate=True)
            if match[1] != self.origin or blob[:4] != self.key_id:
                continue
            if len(blob) == 68 and ed25519_is_good(self.public, text, blob[4:]):
                return text
            raise Wrong("a signature is forged")
        raise Wrong(f"not signed by {self.text}")


def key_chain(log: pathlib.Path, trusted: Key) -> list[tuple[int, Key]]:
    """(size from which a key counts, key), oldest first."""
    links: list[tuple[int, Key, Key]] = []
    for path in sorted((log / "rotations").glob("[0-9]*")):
        note = path.read_bytes()
        lines = note.split(b"\n\n")[0].decode().split("\n")
        if len(lines) != 4 or lines[0] != "sallyport log key change":
            raise Wrong(f"{path.name}: not a key change")
        old, new, size = Key.parse(lines[1]), Key.parse(lines[2]), int(lines[3])
        old.signed(note)
        new.signed(note)
        if links and (links[-1][2] != old or links[-1][0] > size):
            raise Wrong(f"{path.name}: not linked to the one before")
        links.append((size, old, new))
    if not links:
        return [(0, trusted)]
    chain = [(0, links[0][1])] + [(size, new) for size, _, new in links]
    if trusted not in [key for _, key in chain]:
        raise Wrong("the trusted key is not one of this log's")
    return chain


@dataclasses.dataclass
class Checkpoint:
    size: int
    root: bytes


def open_checkpoint(note: bytes, chain: list[tuple[int, Key]]) -> Checkpoint:
    head = note.split(b"\n")
    if len(head) < 4 or not re.fullmatch(rb"0|[1-9][0-9]*", head[1]):
        raise Wrong("not a checkpoint")
    size = int(head[1])
    counts = [  # whose signature counts at this size: one key, or two where they change
        key
        for at, (since, key) in enumerate(chain)
        if since <= size and (at + 1 == len(chain) or size <= chain[at + 1][0])
    ]
    refused = Wrong("no key counts at this size")
    for key in counts:
        try:
            text = key.signed(note)
        except Wrong as wrong:
            refused = wrong
            continue
        origin, _, root = text.decode().split("\n")[:3]
        if origin != key.origin:
            raise Wrong("another log's checkpoint")
        return Checkpoint(size, base64.b64decode(root, validate=True))
    raise refused


# --- tree and files


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00", leaf)


def tree_root(hashes: list[bytes]) -> bytes:
    """RFC 6962 §2.1: complete subtrees, joined from the right."""
    if not hashes:
        return sha256(b"")
    stack: list[tuple[int, bytes]] = []
    for one in hashes:
        height, node = 0, one
        while stack and stack[-1][0] == height:
            node = sha256(b"\x01", stack.pop()[1], node)
            height += 1
        stack.append((height, node))
    root = stack.pop()[1]
    while stack:
        root = sha256(b"\x01", stack.pop()[1], root)
    return root


def number_path(number: int) -> str:
    groups = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03}")
    return "/".join(groups)


def read_part(folder: pathlib.Path, number: int, width: int) -> bytes:
    """The full file, or the partial one of this width, or of a wider one."""
    full = folder / number_path(number)
    if width < 256:
        partial = full.with_name(full.name + ".p")
        for wider in range(width, 256):
            if (partial / str(wider)).is_file():
                return (partial / str(wider)).read_bytes()
    if not full.is_file():
        raise Wrong(f"{full} is missing")
    return full.read_bytes()


def read_leaves(log: pathlib.Path, size: int) -> list[bytes]:
    leaves: list[bytes] = []
    for number in range((size + 255) // 256):
        width = min(256, size - number * 256)
        bundle = read_part(log / "tile/entries", number, width)
        at = 0
        for _ in range(width):
            end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
            if at + 2 > len(bundle) or end > len(bundle):
                raise Wrong(f"bundle {number} is cut off")
            leaves.append(bundle[at + 2 : end])
            at = end
    return leaves


def check_tiles(log: pathlib.Path, hashes: list[bytes]) -> int:
    """Every complete tile of every level; how many."""
    tiles, level, nodes = 0, 0, hashes
    while nodes:
        for number in range((len(nodes) + 255) // 256):
            expected = nodes[number * 256 : (number + 1) * 256]
            tile = read_part(log / f"tile/{level}", number, len(expected))
            if tile[: 32 * len(expected)] != b"".join(expected):
                raise Wrong(f"tile {level}/{number} is not the tree's")
            tiles += 1
        nodes = [tree_root(nodes[at : at + 256]) for at in range(0, len(nodes) // 256 * 256, 256)]
        level += 1
    return tiles


def check_leaf(index: int, leaf: bytes) -> dict:
    if len(leaf) > 65_534:
        raise Wrong(f"leaf {index} is too long")
    event = json.loads(leaf)
    canonical = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if canonical.encode() != leaf:
        raise Wrong(f"leaf {index} is not canonical")
    if event.get("v") != 1:
        raise Wrong(f"leaf {index} is of another version")
    for member in ("id", "type", "at", "mono", "clock", "who", "what", "where", "outcome", "reason"):
        if member not in event:
            raise Wrong(f"leaf {index} has no {member}")
    return event


# --- the database, which is a copy


def member(event: dict, path: tuple[str, ...]):
    found = event
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def commitment(path: str, salt: bytes, text: str) -> str:
    return sha256(
        b"sallyport audit commitment v1\n", path.encode(), b"\n", salt, text.encode()
    ).hex()


def check_database(file: pathlib.Path, leaves: list[bytes]) -> tuple[int, int, int]:
    """Rows that match, personal texts that match, rows that no checkpoint covers yet."""
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    names = list(COLUMNS)
    rows = database.execute(
        f"SELECT leaf_index, leaf, {', '.join(names)} FROM audit_event "
        "WHERE leaf_index IS NOT NULL ORDER BY leaf_index"
    ).fetchall()
    covered = [row for row in rows if row[0] < len(leaves)]
    if [row[0] for row in covered] != list(range(len(leaves))):
        raise Wrong("a numbered row is missing")
    for index, leaf, *columns in covered:
        if leaf != leaves[index]:
            raise Wrong(f"row {index} is not its leaf")
        event = json.loads(leaf)
        for name, value in zip(names, columns):
            if (member(event, COLUMNS[name]) or "") != (value or ""):
                raise Wrong(f"row {index}: column {name} is not its leaf's")
    by_id = {json.loads(leaf)["id"]: json.loads(leaf) for leaf in leaves}
    texts = 0
    for event_id, path, salt, text in database.execute(
        "SELECT event_id, name, salt, content FROM audit_personal"
    ):
        if event_id not in by_id:
            continue  # of a row that no checkpoint covers yet
        promised = member(by_id[event_id], tuple(path.split(".", 1)))
        if not isinstance(promised, dict) or promised.get("sha256") != commitment(path, salt, text):
            raise Wrong(f"the personal text {path} of {event_id} is not what was committed to")
        texts += 1
    uncovered = database.execute(
        "SELECT count(*) FROM audit_event WHERE leaf_index IS NULL OR leaf_index >= ?",
        (len(leaves),),
    ).fetchone()[0]
    database.close()
    return len(covered), texts, uncovered


def check_export(file: pathlib.Path, leaves: list[bytes]) -> tuple[int, int]:
    """Lines that are the log's leaves, lines that no checkpoint covers yet."""
    covered = uncovered = 0
    for number, line in enumerate(file.read_text().splitlines(), 1):
        event = json.loads(line)
        if event.get("index", len(leaves)) >= len(leaves):
            uncovered += 1
            continue
        if event["leaf"].encode() != leaves[event["index"]]:
            raise Wrong(f"line {number} of the export is not leaf {event['index']}")
        if event["id"] != json.loads(event["leaf"])["id"]:
            raise Wrong(f"line {number} of the export calls its event otherwise")
        covered += 1
    return covered, uncovered


def verify(
    log: pathlib.Path,
    key: str,
    anchors: pathlib.Path | None = None,
    database: pathlib.Path | None = None,
    export: pathlib.Path | None = None,
) -> dict:
    """What was checked, in numbers. Raises Wrong."""
    chain = key_chain(log, Key.parse(key))
    checkpoint = open_checkpoint((log / "checkpoint").read_bytes(), chain)
    leaves = read_leaves(log, checkpoint.size)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    if tree_root(hashes) != checkpoint.root:
        raise Wrong("the entries are not those that were signed")
    told = {"events": len(leaves), "tiles": check_tiles(log, hashes), "anchors": 0}
    told["types"] = len({check_leaf(index, leaf)["type"] for index, leaf in enumerate(leaves)})
    for path in sorted(anchors.iterdir()) if anchors else []:
        if path.name != "checkpoint" and not path.name.endswith(".checkpoint"):
            continue
        anchor = open_checkpoint(path.read_bytes(), chain)
        if anchor.size > checkpoint.size:
            raise Wrong(f"rolled back: {path.name} saw {anchor.size} events")
        if tree_root(hashes[: anchor.size]) != anchor.root:
            raise Wrong(f"{path.name} saw another history")
        told["anchors"] += 1
    if database:
        told["rows"], told["personal"], told["uncovered"] = check_database(database, leaves)
    if export:
        told["exported"], told["exported_uncovered"] = check_export(export, leaves)
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("log", type=pathlib.Path)
    parser.add_argument("--key", required=True, help="name+id+base64, from somewhere else")
    parser.add_argument("--anchors", type=pathlib.Path)
    parser.add_argument("--database", type=pathlib.Path, help="SQLite, not in use")
    parser.add_argument("--export", type=pathlib.Path)
    given = parser.parse_args()
    try:
        told = verify(given.log, given.key, given.anchors, given.database, given.export)
        print(json.dumps(told))
    except (Wrong, ValueError, OSError) as wrong:
        print(f"wrong: {wrong}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
