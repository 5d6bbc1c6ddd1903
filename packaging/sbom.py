#!/usr/bin/env python3
"""CycloneDX 1.5 of what a binary consists of: the shared libraries that it is linked to, and the
header-only libraries and data that are compiled into it.

  sbom.py BINARY VERSION > sallyport.cdx.json

Shared libraries come from `ldd`, their packages and versions from dpkg. Fails if a library has no
package: what can't be named can't be watched for advisories. $SOURCE_DATE_EPOCH is the timestamp,
if it is set.
"""

import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

# Compiled in. tools/setup/packages-build.txt has them; `ldd` can't see them.
HEADER_ONLY = ["libboost1.81-dev", "libcli11-dev", "libtomlplusplus-dev", "nlohmann-json3-dev"]
COMPILED_SCRIPTS = ["svelte"]
COMPILERS = ["clang-19", "libstdc++-12-dev"]


def output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


def shared_libraries(binary: str) -> dict[str, str]:
    """Name as linked → path. The kernel's own (linux-vdso) is no file and no library of ours."""
    listing = output("ldd", binary)
    if "not found" in listing:
        sys.exit(f"{binary}: a library is missing:\n{listing}")
    found = {}
    for line in listing.splitlines():
        match = re.match(r"\s*(?:(\S+) => )?(/\S+) \(0x", line)
        if match:
            found[match[1] or pathlib.Path(match[2]).name] = match[2]
    if not found:
        sys.exit(f"{binary}: ldd names no library")
    return found


def owner(path: str) -> str:
    real = os.path.realpath(path)
    for candidate in (path, real, "/usr" + path, "/usr" + real, real.removeprefix("/usr")):
        found = output("dpkg-query", "-S", candidate)
        if found:
            return found.split(": ")[0].split(",")[0].split(":")[0]
    sys.exit(f"{path} belongs to no package")


def os_release() -> dict[str, str]:
    text = pathlib.Path("/etc/os-release").read_text()
    return dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', text, re.MULTILINE))


def component(package: str, names: list[str], system: dict[str, str]) -> dict:
    told = output(
        "dpkg-query", "-W", "-f",
        "${Version} ${source:Package} ${source:Version} ${Architecture}\n", package,
    ).splitlines()
    if not told:
        sys.exit(f"{package} is not installed")
    version, source, source_version, arch = told[0].split(" ")
    distro = f"{system.get('ID', 'debian')}-{system.get('VERSION_ID', '0')}"
    purl = f"pkg:deb/{system.get('ID', 'debian')}/{package}@{version}?arch={arch}&distro={distro}"
    properties = [{"name": "sallyport:shared-library", "value": name} for name in sorted(names)]
    if not names:
        properties = [{"name": "sallyport:linked", "value": "compiled in"}]
    return {
        "type": "library",
        "bom-ref": purl,
        "name": package,
        "version": version,
        "purl": purl.replace("+", "%2B"),
        "properties": properties + [
            {"name": "sallyport:source-package", "value": f"{source} {source_version}"}
        ],
    }


def compiled_scripts() -> list[dict]:
    """What of the npm registry is inside the pages' script: the others only build it."""
    lock = json.loads((pathlib.Path(__file__).parent.parent / "ui/package-lock.json").read_text())
    found = []
    for name in COMPILED_SCRIPTS:
        version = lock["packages"][f"node_modules/{name}"]["version"]
        purl = f"pkg:npm/{name}@{version}"
        found.append({
            "type": "library",
            "bom-ref": purl,
            "name": name,
            "version": version,
            "purl": purl,
            "licenses": [{"license": {"id": "MIT"}}],
            "properties": [{"name": "sallyport:linked", "value": "compiled in"}],
        })
    return found


def main(binary: str, version: str) -> None:
    system = os_release()
    packages: dict[str, list[str]] = {package: [] for package in HEADER_ONLY}
    for name, path in shared_libraries(binary).items():
        packages.setdefault(owner(path), []).append(name)
    components = [component(name, names, system) for name, names in sorted(packages.items())]
    components += compiled_scripts()
    now = int(os.environ.get("SOURCE_DATE_EPOCH", datetime.datetime.now().timestamp()))
    own = f"pkg:generic/sallyport@{version}"
    tools = [component(name, [], system) for name in COMPILERS]
    json.dump(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "version": 1,
            "metadata": {
                "timestamp": datetime.datetime.fromtimestamp(now, datetime.timezone.utc)
                .strftime("%Y-%m-%dT%H:%M:%SZ"),
                "tools": {
                    "components": [
                        {"type": "application", "name": one["name"], "version": one["version"]}
                        for one in tools
                    ]
                },
                "component": {
                    "type": "application",
                    "bom-ref": own,
                    "name": "sallyport",
                    "version": version,
                    "purl": own,
                    "licenses": [{"license": {"id": "Apache-2.0"}}],
                    "hashes": [
                        {
                            "alg": "SHA-256",
                            "content": hashlib.sha256(pathlib.Path(binary).read_bytes()).hexdigest(),
                        }
                    ],
                },
            },
            "components": components,
            "dependencies": [
                {"ref": own, "dependsOn": [one["bom-ref"] for one in components]},
                *({"ref": one["bom-ref"]} for one in components),
            ],
        },
        sys.stdout,
        indent=1,
    )
    print()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
