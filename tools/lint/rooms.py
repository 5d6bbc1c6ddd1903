#!/usr/bin/env python3
"""The house rule, checked: an #include points down src/ROOMS, into a room that is declared.

Every room's CMakeLists.txt says `sallyport_room(path USES room...)`. A file may include its own
room and those it USES; a room may only use rooms below it in src/ROOMS.
"""

import pathlib
import re
import sys

src = pathlib.Path(__file__).parents[2] / "src"
rooms = [line for line in (src / "ROOMS").read_text().split("\n") if line and line[0] != "#"]
problems = []


def room_of(path: str) -> str | None:
    return next((room for room in rooms if path.startswith(room + "/")), None)


def sources(folder: pathlib.Path) -> list[pathlib.Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix in (".h", ".cpp"))


def declared(room: str) -> set[str]:
    text = (src / room / "CMakeLists.txt").read_text()
    match = re.search(r"sallyport_room\(\s*" + re.escape(room) + r"\b([^)]*)\)", text)
    if not match:
        problems.append(f"{room}/CMakeLists.txt: does not declare sallyport_room({room} …)")
        return set()
    words = match[1].split()
    used: set[str] = set()
    keyword = ""
    for word in words:
        if word in ("USES", "LIBRARIES"):
            keyword = word
        elif keyword == "USES":
            used.add(word)
    return used


for index, room in enumerate(rooms):
    uses = declared(room)
    for other in sorted(uses):
        if other not in rooms or rooms.index(other) <= index:
            problems.append(f"{room}/CMakeLists.txt: {room} may not look up into {other}")
    for file in sources(src / room):
        for number, line in enumerate(file.read_text().split("\n"), 1):
            match = re.match(r'\s*#include "((?:base|domain|edge|apps)/[^"]+)"', line)
            there = room_of(match[1]) if match else None
            if match and there is None:
                problems.append(f"{file}:{number}: {match[1]} is in no room of src/ROOMS")
            elif there is not None and there != room and there not in uses:
                problems.append(f"{file}:{number}: {room} does not declare that it uses {there}")

for file in sources(src):
    if room_of(str(file.relative_to(src))) is None:
        problems.append(f"{file}: is in no room of src/ROOMS")

print("\n".join(problems) if problems else f"rooms: {len(rooms)} rooms, every include points down")
sys.exit(bool(problems))
