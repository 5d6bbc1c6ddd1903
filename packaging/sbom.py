#!/usr/bin/env python3
"""CycloneDX 1.5 of the Debian packages that a binary is linked to.

  sbom.py BINARY VERSION > sallyport.cdx.json

Runtime libraries come from `ldd`; header-only libraries are compiled in and named here.
"""

import json
import os
import subprocess
import sys

HEADER_ONLY = ["libboost1.81-dev", "libcli11-dev", "libtomlplusplus-dev", "nlohmann-json3-dev"]


def output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


def owner(path: str) -> str | None:
    real = os.path.realpath(path)
    for candidate in (path, real, "/usr" + path, "/usr" + real, real.removeprefix("/usr")):
        found = output("dpkg-query", "-S", candidate)
        if found:
            return found.split(": ")[0].split(",")[0].split(":")[0]
    return None


def component(package: str) -> dict:
    version, source = output(
        "dpkg-query", "-W", "-f", "${Version} ${source:Package}\n", package
    ).splitlines()[0].split(" ")
    purl = f"pkg:deb/debian/{package}@{version}?arch=amd64&distro=debian-12&upstream={source}"
    return {"type": "library", "bom-ref": purl, "name": package, "version": version, "purl": purl}


binary, version = sys.argv[1], sys.argv[2]
paths = [
    line.split("=>")[1].split()[0]
    for line in output("ldd", binary).splitlines()
    if "=>" in line and "/" in line.split("=>")[1]
]
packages = {package for package in map(owner, paths) if package} | set(HEADER_ONLY)
bom = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "version": 1,
    "metadata": {
        "component": {
            "type": "application",
            "name": "sallyport",
            "version": version,
            "hashes": [
                {"alg": "SHA-256", "content": output("sha256sum", binary).split(" ")[0]}
            ],
        }
    },
    "components": [component(package) for package in sorted(packages)],
}
json.dump(bom, sys.stdout, indent=1)
print()
