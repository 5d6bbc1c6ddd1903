#!/usr/bin/env python3
"""Finds secrets where none may be (S0-10): in the tracked files and in the binaries given.

  secret_scan.py [--root DIR] [--allow FILE] [BINARY...]
  secret_scan.py --tree DIR

DIR is the repository by default; outside of one, every file below DIR is read. --tree reads what is
to be shipped (an unpacked package), where nothing is allowed, our demonstration's values neither,
and where binaries are. Prints a line
"path:line: kind" per finding, for binaries "path:+offset: kind", and never the value. Exits with 1
if there is any. FILE lists what is no secret, one "kind glob reason..." a line; an entry that allows
nothing any more is a finding too.

Kinds: private-key, access-key (of cloud and code services), url-password, literal (text too
irregular for words beside a name that promises a secret), key-file, demo-secret (a value that our
demonstration uses, outside the files that it lives in).
"""

import argparse
import collections
import fnmatch
import math
import pathlib
import re
import subprocess
import sys

# The header of a key is code; a header with key material behind it is a key.
PRIVATE_KEY = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?:[\s\"'+,]|\\[nr])*(?:[A-Za-z0-9+/=]|[\s\"']|\\n){40,}"
)
ACCESS_KEY = re.compile(
    rb"(?<![A-Za-z0-9])(?:(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{60,}"
    rb"|glpat-[\w-]{20}|xox[abprs]-[A-Za-z0-9-]{20,}|AIza[0-9A-Za-z_-]{35}|[rs]k_live_[A-Za-z0-9]{20,}"
    rb"|AGE-SECRET-KEY-1[0-9A-Z]{58}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,})(?![A-Za-z0-9])"
)
# What a program puts into the place of a password ({name}, %s, $name, <password>) is none.
URL_PASSWORD = re.compile(
    rb"[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>{}$%]{1,64}:([^\s/@\"'<>{}$%*]{3,128})@[\w\[]"
)
PROMISING_NAME = re.compile(
    rb"passw(?:or)?d|passphrase|passwd|secret|token|api[_-]?key|private[_-]?key|signing[_-]?key"
    rb"|master[_-]?key|pepper|credential|seed",
    re.IGNORECASE,
)
LITERAL = re.compile(rb"[\"'`=: ]([A-Za-z0-9+/=_-]{16,200})(?=[\"'`\s,;)\]}]|$)")
KEY_FILE_NAME = re.compile(r"(?:\.(?:key|p12|pfx|jks|keystore|kdbx|ppk)|(?:^|/)(?:id_[a-z0-9]+|\.pgpass|\.netrc|pgpass))$")
ONLY_A_KEY = re.compile(rb"\s*(?:[0-9a-fA-F]{64}|[A-Za-z0-9+/]{43}=)\s*")

# Where the values of our own demonstration are written; they must be nowhere else.
DEMO_SOURCES = (
    ("examples/pump/service_password.h", re.compile(rb'service_password\s*=\s*"([^"]+)"')),
    ("tools/walk/walk.sh", re.compile(rb'\benrol \w+ "([^"]{6,})"')),
)


class Allowed:
    def __init__(self, file: pathlib.Path | None):
        self.entries: list[tuple[str, str]] = []
        self.used: set[tuple[str, str]] = set()
        self.file = file
        for number, line in enumerate(file.read_text().split("\n") if file else [], 1):
            words = line.split(maxsplit=2)
            if not words or words[0].startswith("#"):
                continue
            if len(words) < 3:
                raise SystemExit(f"{file}:{number}: an entry is \"kind glob reason\"")
            self.entries.append((words[0], words[1]))

    def covers(self, kind: str, path: str) -> bool:
        for entry in self.entries:
            if entry[0] in (kind, "*") and fnmatch.fnmatchcase(path, entry[1]):
                self.used.add(entry)
                return True
        return False


def class_of(byte: int) -> str:
    char = chr(byte)
    return "a" if char.islower() else "A" if char.isupper() else "0" if char.isdigit() else "-"


def entropy(text: bytes) -> float:
    counts = collections.Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)


def is_irregular(text: bytes) -> bool:
    """Whether it reads like random bytes: as base/config/literal_secret.cpp tells them."""
    classes = [class_of(byte) for byte in text]
    digits = classes.count("0")
    changes = sum(a != b and "-" not in (a, b) for a, b in zip(classes, classes[1:]))
    if len(text) >= 32 and re.fullmatch(rb"[0-9a-fA-F]+", text):
        return 0 < digits < len(text) and entropy(text) > 3.0
    if len(text) >= 26 and re.fullmatch(rb"[A-Z2-7=]+", text):
        return digits > 0 and entropy(text) > 3.5
    return digits > 0 and changes * 4 >= len(text) and entropy(text) > 3.2


def line_of(content: bytes, offset: int) -> int:
    return content.count(b"\n", 0, offset) + 1


def demo_secrets(root: pathlib.Path) -> tuple[set[bytes], set[str]]:
    values: set[bytes] = set()
    homes: set[str] = set()
    for name, pattern in DEMO_SOURCES:
        file = root / name
        if not file.exists():
            continue
        found = pattern.findall(file.read_bytes())
        if not found:
            raise SystemExit(f"{name}: the demonstration's secret is not found there any more")
        values.update(found)
        homes.add(name)
    return values, homes


def known_forms(content: bytes):
    """What is a secret by its form alone, in text and in binaries."""
    for match in PRIVATE_KEY.finditer(content):
        yield match.start(), "private-key"
    for match in ACCESS_KEY.finditer(content):
        yield match.start(), "access-key"
    for match in URL_PASSWORD.finditer(content):
        yield match.start(), "url-password"


def literals(content: bytes):
    """Irregular literals on a line with a promising name, or on the one after it."""
    offset = 0
    promised = False
    for line in content.split(b"\n"):
        promises = PROMISING_NAME.search(line) is not None
        if promises or promised:
            for match in LITERAL.finditer(line):
                if is_irregular(match[1]):
                    yield offset + match.start(1), "literal"
        promised = promises
        offset += len(line) + 1


def is_binary(content: bytes) -> bool:
    return b"\0" in content[:8192]


def scan_file(path: str, content: bytes, demo: set[bytes]):
    if KEY_FILE_NAME.search(path) or ONLY_A_KEY.fullmatch(content):
        yield 0, "key-file"
    yield from known_forms(content)
    if not is_binary(content):
        yield from literals(content)
    for value in demo:
        for match in re.finditer(re.escape(value), content):
            yield match.start(), "demo-secret"


def tracked(root: pathlib.Path) -> list[str]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True)
    if listing.returncode == 0 and (root / ".git").exists():
        return [name for name in listing.stdout.decode().split("\0") if name]
    return [str(file.relative_to(root)) for file in root.rglob("*") if file.is_file()]


def scan(root: pathlib.Path, allowed: Allowed, binaries: list[pathlib.Path]) -> list[str]:
    problems = set()
    demo, homes = demo_secrets(root)
    for name in tracked(root):
        file = root / name
        if file.is_symlink() or not file.is_file():
            continue
        content = file.read_bytes()
        for offset, kind in scan_file(name, content, set() if name in homes else demo):
            if not allowed.covers(kind, name):
                problems.add((name, line_of(content, offset), kind))
    lines = [f"{name}:{line}: {kind}" for name, line, kind in sorted(problems)]
    for entry in sorted(set(allowed.entries) - allowed.used):
        lines.append(f"{allowed.file}: \"{entry[0]} {entry[1]}\" allows nothing any more; remove it")
    for binary in binaries:
        content = binary.read_bytes()
        found = list(known_forms(content))
        found += [(m.start(), "demo-secret") for v in demo for m in re.finditer(re.escape(v), content)]
        lines += [f"{binary}:+{offset}: {kind}" for offset, kind in sorted(found)]
    return lines


def scan_tree(root: pathlib.Path, tree: pathlib.Path) -> list[str]:
    demo, _ = demo_secrets(root)
    lines = []
    for file in sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()):
        name, content = str(file.relative_to(tree)), file.read_bytes()
        for offset, kind in sorted(scan_file(name, content, demo)):
            where = f"+{offset}" if is_binary(content) else str(line_of(content, offset))
            lines.append(f"{name}:{where}: {kind}")
    return lines


def main() -> int:
    here = pathlib.Path(__file__).resolve()
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", type=pathlib.Path, default=here.parents[2])
    parser.add_argument("--allow", type=pathlib.Path)
    parser.add_argument("--tree", type=pathlib.Path)
    parser.add_argument("binaries", nargs="*", type=pathlib.Path, metavar="BINARY")
    arguments = parser.parse_args()
    if arguments.tree is not None:
        lines = scan_tree(arguments.root.resolve(), arguments.tree.resolve())
        print("\n".join(lines) if lines else "secrets: none found")
        return 1 if lines else 0
    own_list = here.with_suffix(".allow")
    if arguments.allow is None and arguments.root.resolve() == here.parents[2]:
        arguments.allow = own_list
    lines = scan(arguments.root.resolve(), Allowed(arguments.allow), arguments.binaries)
    print("\n".join(lines) if lines else "secrets: none found")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
