#!/usr/bin/env python3
"""Checks sealed recordings without any key and without any of Sallyport's code.

  verify_recording.py RECORDINGS_FOLDER CONNECTION_ID ROOT_HASH

Written from docs/protocols/recording.md and journal.md alone: steps 1 to 4 of "How to check one".
ROOT_HASH is what the audit log's event rec.sealed says.
"""

import hashlib
import json
import pathlib
import struct
import sys

CRC_TABLE = []
for _byte in range(256):
    for _ in range(8):
        _byte = _byte >> 1 ^ (0x82F63B78 if _byte & 1 else 0)
    CRC_TABLE.append(_byte)


class Wrong(Exception):
    """Something that is not as the documents say."""


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def folder_of(recordings: pathlib.Path, connection: str) -> pathlib.Path:
    import datetime

    raw = bytes.fromhex(connection.replace("-", ""))
    at = datetime.datetime.fromtimestamp(
        int.from_bytes(raw[:6], "big") / 1000, datetime.timezone.utc
    )
    return recordings / f"{at.year:04}" / f"{at.month:02}" / connection


def records_of(segment: bytes, number: int, connection: bytes):
    """(sequence, type, kind, body) of every record."""
    magic, own_number, own_connection, crc = struct.unpack(">8sI16sI", segment[:32])
    if magic != b"SPSEGM1\n" or own_number != number or own_connection != connection:
        raise Wrong(f"segment {number} is not this recording's")
    if crc != crc32c(segment[:28]):
        raise Wrong(f"segment {number}: its head is damaged")
    at = 32
    while at < len(segment):
        length, crc = struct.unpack(">II", segment[at : at + 8])
        record = segment[at + 8 : at + 8 + length]
        if len(record) != length or not 36 <= length <= 65_604 or crc != crc32c(record):
            raise Wrong(f"segment {number}: a record at {at} is damaged")
        version, kind_of_record, kind, zero, owner, sequence, _ = struct.unpack(
            ">BBBB16sQq", record[:36]
        )
        if version != 1 or zero != 0 or owner != connection:
            raise Wrong(f"segment {number}: a record at {at} is not this recording's")
        yield sequence, kind_of_record, kind, record[36:]
        at += 8 + length


def verify(recordings: pathlib.Path, connection: str, root_hash: str) -> dict:
    """What was checked, in numbers. Raises Wrong."""
    folder = folder_of(recordings, connection)
    manifest_bytes = (folder / "manifest.json").read_bytes()
    if hashlib.sha256(manifest_bytes).hexdigest() != root_hash:
        raise Wrong("manifest.json is not what was sealed")
    manifest = json.loads(manifest_bytes)
    if (manifest["format"], manifest["version"]) != ("sallyport-recording", 1):
        raise Wrong("another format")
    raw_id = bytes.fromhex(connection.replace("-", ""))
    gaps = {gap["from"] for gap in manifest["gaps"]}
    bulk = (folder / "bulk").read_bytes() if manifest["bulk_bytes"] else b""
    if len(bulk) != manifest["bulk_bytes"]:
        raise Wrong("the bulk file has another length")
    expected, frames, exchanges, bulk_end, last_kind = 0, 0, 0, 0, None
    for at, entry in enumerate(manifest["segments"], 1):
        segment = (folder / entry["name"]).read_bytes()
        if entry["name"] != f"{at:06}.segment" or len(segment) != entry["bytes"]:
            raise Wrong(f"{entry['name']} has another length")
        if hashlib.sha256(segment).hexdigest() != entry["sha256"]:
            raise Wrong(f"{entry['name']} is not what was sealed")
        for sequence, record_type, kind, body in records_of(segment, at, raw_id):
            if sequence != expected and expected not in gaps:
                raise Wrong(f"frame {expected} is missing")
            expected = sequence + 1
            if sequence == 0:
                if record_type != 1:
                    raise Wrong("record 0 does not open the recording")
                continue
            frames += 1
            exchanges += kind == 5
            last_kind = kind
            if record_type == 3:
                offset, length = struct.unpack(">QQ", body[:16])
                piece = bulk[offset : offset + length]
                if offset != bulk_end or hashlib.sha256(piece).digest() != body[16:48]:
                    raise Wrong(f"frame {sequence}: its bytes in the bulk file are others")
                bulk_end = offset + length
    if bulk_end != manifest["bulk_bytes"]:
        raise Wrong("the bulk file ends elsewhere")
    if (frames, exchanges) != (manifest["frames"], manifest["exchanges"]):
        raise Wrong("the manifest counts otherwise")
    if manifest["state"] == "sealed" and last_kind != 8:
        raise Wrong("the end is missing")
    return {"frames": frames, "exchanges": exchanges, "segments": len(manifest["segments"])}


if __name__ == "__main__":
    try:
        print(json.dumps(verify(pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3])))
    except (Wrong, ValueError, OSError, struct.error) as wrong:
        print(f"wrong: {wrong}")
        sys.exit(1)
