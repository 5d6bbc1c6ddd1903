"""What the documents name is there: files, commands with their options, settings, rooms.

SALLYPORT_BUILD is the build whose program is asked.
"""

import os
import pathlib
import re
import subprocess
import tomllib
import unittest

root = pathlib.Path(__file__).resolve().parents[2]
build = pathlib.Path(os.environ.get("SALLYPORT_BUILD", root / "build/dev")).resolve()
sallyport = build / "src/apps/sallyport/sallyport"
documents = [
    *root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("docs/*/*.md"),
    *root.glob("src/*/*/README.md"), *root.glob("examples/*/README.md"),
]


def help_of(words: list[str]) -> str | None:
    done = subprocess.run([sallyport, *words, "--help"], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


class Documents(unittest.TestCase):
    def test_links(self):
        """every file that a document links to or names by its path is there"""
        self.assertGreater(len(documents), 30)
        count = 0
        for document in documents:
            text = document.read_text()
            named = [
                (document.parent, link)
                for link in re.findall(r"\]\(([^)#\s]+)\)", text)
                if "://" not in link
            ]
            named += [
                (root, path)
                for path in re.findall(
                    r"(?<![\w/.<])((?:docs|tests|tools|src|examples|packaging|migrations|cmake)/[\w./-]+[\w/])", text
                )
                if not path.startswith("docs/images") or path.endswith(".png")
            ]
            for folder, path in named:
                self.assertTrue((folder / path).exists(), f"{document.relative_to(root)}: {path}")
                count += 1
        self.assertGreater(count, 60)

    def test_commands(self):
        """every `sallyport` command and option that a document names is one that the program has"""
        commands = set()
        for document in documents:
            text = document.read_text().replace("\\\n", " ")
            spans = re.findall(r"`([^`\n]+)`", text)
            for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL):
                spans += block.splitlines()
            for span in spans:
                for line in re.findall(r"(?:^|-- |\$ )sallyport ((?:[a-z][a-z-]* ?)+[^#|;]*)", span.strip()):
                    commands.add((document.name, line.strip()))
        self.assertGreater(len(commands), 12)
        for name, line in sorted(commands):
            words = re.match(r"(?:[a-z][a-z-]* ?)+", line)[0].split()
            known: list[str] = []
            for word in words:
                shown = help_of(known)
                if shown is None or not re.search(rf"^  {re.escape(word)}\s", shown, re.MULTILINE):
                    break
                known.append(word)
            if not known and name in [path.name for path in root.glob("docs/protocols/*.md")]:
                continue  # a label inside a format, such as "sallyport sealed file v1"
            self.assertTrue(known, f"{name}: sallyport {line}")
            shown = help_of(known)
            for option in re.findall(r"(?<!\S)--[a-z0-9-]+", line):
                self.assertRegex(shown, rf"{option}\b", f"{name}: sallyport {line}")

    def test_settings(self):
        """every setting that a document names is in the example configuration, and every one there is used by the program"""
        example = (root / "docs/sallyport.example.toml").read_text()
        sections = set(tomllib.loads(example))
        keys: dict[str, set[str]] = {}
        section = ""
        for line in example.splitlines():
            if match := re.match(r"\[+([a-z.]+)\]+$", line):
                section = match[1].split(".")[0]
            elif match := re.match(r"(?:# )?([a-z_]+) = ", line):
                keys.setdefault(section, set()).add(match[1])
        self.assertGreater(sum(map(len, keys.values())), 25)
        # Events and refusals are spelt the same way.
        names = subprocess.run(
            ["git", "grep", "-hoE", '"[a-z]+\\.[a-z_]+"', "--", "src/*.cpp", "src/*.h"],
            cwd=root, capture_output=True, text=True, check=True,
        ).stdout
        for document in documents:
            if document.parent.name == "protocols":
                continue  # they name members of formats
            for section, key in re.findall(r"`([a-z]+)\.([a-z_]+)[`= ]", document.read_text()):
                is_file = key in ("h", "cpp", "md", "key", "mjs")
                if section in sections and not is_file and f'"{section}.{key}"' not in names:
                    self.assertIn(key, keys.get(section, set()) | {"certificates"}, f"{document.name}: {section}.{key}")
        code = "".join(path.read_text() for path in (root / "src/base/config").glob("*.cpp"))
        for section, names in keys.items():
            for key in names:
                self.assertIn(f'"{key}"', code, f"{section}.{key} is not read")

    def test_rooms(self):
        """every room tells in a README of 10 to 25 lines what it is, where to enter it and what holds in it"""
        rooms = [line for line in (root / "src/ROOMS").read_text().splitlines() if line and line[0] != "#"]
        self.assertGreater(len(rooms), 15)
        for room in rooms:
            text = (root / "src" / room / "README.md").read_text()
            self.assertTrue(text.startswith(f"# {room}"), room)
            self.assertTrue(10 <= len(text.splitlines()) <= 25, room)
            for word in ("**Entry points.**", "**May know:**", "**Invariants**"):
                self.assertIn(word, text, room)
            entry = text.split("**Entry points.**")[1].split("**May know:**")[0]
            for header in re.findall(r"`([\w/]+\.(?:h|cpp))`", entry):
                self.assertTrue(list((root / "src" / room).rglob(header)), f"{room}: {header}")


if __name__ == "__main__":
    unittest.main()
