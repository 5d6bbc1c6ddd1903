"""The Debian package: what is in it, what it is linked to, and that it installs, runs under its
unit, upgrades and goes away as it promises.

SALLYPORT_BUILD is the build that is packed. As root (or with sudo) the package is installed for
real, on a copy-on-write copy of this system (package_sandbox.sh); otherwise only its contents are
looked at, and that is said.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

root = pathlib.Path(__file__).resolve().parents[2]
here = root / "tests/integration"
build = pathlib.Path(os.environ.get("SALLYPORT_BUILD", root / "build/dev")).resolve()
units = [root / "packaging" / name for name in ("sallyport.service", "sallyport-badge.service")]


def run(*command, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, **options
    )


def output(*command, **options) -> str:
    done = run(*command, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="sallyport-package-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        shutil.rmtree(build / "package", ignore_errors=True)
        output("cpack", "-G", "DEB", "-B", build / "package", cwd=build)
        cls.deb = next((build / "package").glob("*.deb"))
        cls.tree = cls.folder / "tree"
        output("dpkg-deb", "-R", cls.deb, cls.tree)
        cls.binary = cls.tree / "usr/bin/sallyport"

    def control(self, field: str) -> str:
        return output("dpkg-deb", "-f", self.deb, field).strip()

    def test_contents(self):
        """the package holds the binary, the unit, the example configuration and the documents, owned by root, and nothing in /etc"""
        files = {}
        for line in output("dpkg-deb", "-c", self.deb).splitlines():
            mode, owner, _, _, _, name = line.split(maxsplit=5)
            self.assertEqual(owner, "root/root", name)
            self.assertNotRegex(mode, r"^.{8}w|^.{5}w|s", f"{name} {mode}")
            files[name.removeprefix(".")] = mode
        self.assertEqual(files["/usr/bin/sallyport"], "-rwxr-xr-x")
        for name in [
            "/lib/systemd/system/sallyport.service",
            "/lib/systemd/system/sallyport-badge.service",
            "/usr/share/doc/sallyport/copyright",
            "/usr/share/doc/sallyport/operations.md",
            "/usr/share/doc/sallyport/protocols/audit-log.md",
            "/usr/share/doc/sallyport/sallyport.cdx.json",
            "/usr/share/doc/sallyport/sallyport.example.toml",
        ]:
            self.assertEqual(files.get(name), "-rw-r--r--", name)
        self.assertFalse([name for name in files if name.startswith("/etc")])
        self.assertFalse((self.tree / "DEBIAN/conffiles").exists())
        for script in ["postinst", "prerm", "postrm"]:
            self.assertEqual(output("sh", "-n", self.tree / "DEBIAN" / script), "")

    def test_dependencies(self):
        """the package depends on the packages of all that the binary is linked to, by shlibdeps, and on adduser"""
        depends = {word.split()[0] for word in self.control("Depends").split(",")}
        self.assertIn("adduser", depends)
        for package in ["libc6", "libssl3", "libsqlite3-0", "libpq5", "libsodium23", "libqrencode4",
                        "libutf8proc2", "libcurl4", "libcbor0.8", "libzxcvbn0", "libpcsclite1", "libmaxminddb0",
                        "libstdc++6"]:
            self.assertIn(package, depends)
        self.assertFalse([word for word in depends if word.endswith("-dev")])
        self.assertEqual(self.control("Package"), "sallyport")
        version = re.search(r"project\(sallyport VERSION (\S+)", (root / "CMakeLists.txt").read_text())
        self.assertEqual(self.control("Version"), version[1])
        self.assertIn(version[1], output(self.binary, "version"))
        self.assertNotIn("debug_info", output("file", self.binary))

    def test_bill_of_materials(self):
        """the package's CycloneDX lists every shared library that ldd shows, with dpkg's version, and the binary's own hash"""
        bill = json.loads((self.tree / "usr/share/doc/sallyport/sallyport.cdx.json").read_text())
        self.assertEqual((bill["bomFormat"], bill["specVersion"], bill["version"]), ("CycloneDX", "1.5", 1))
        own = bill["metadata"]["component"]
        self.assertEqual((own["name"], own["version"]), ("sallyport", self.control("Version")))
        digest = hashlib.sha256(self.binary.read_bytes()).hexdigest()
        self.assertEqual(own["hashes"], [{"alg": "SHA-256", "content": digest}])
        listed = {
            entry["value"]: component
            for component in bill["components"]
            for entry in component["properties"]
            if entry["name"] == "sallyport:shared-library"
        }
        linked = [
            pathlib.Path(line.split()[0]).name
            for line in output("ldd", self.binary).splitlines()
            if "linux-vdso" not in line
        ]
        self.assertGreater(len(linked), 8)
        self.assertEqual(sorted(linked), sorted(listed))
        for name, component in listed.items():
            self.assertEqual(component["type"], "library")
            installed = output("dpkg-query", "-W", "-f", "${Version}", component["name"])
            self.assertEqual(component["version"], installed, name)
            self.assertRegex(component["purl"], r"^pkg:deb/\w+/[a-z0-9+.%A-F-]+@[^@]+\?arch=\w+&distro=")
        for package in ["libboost1.81-dev", "libtomlplusplus-dev", "nlohmann-json3-dev"]:
            self.assertIn(package, {component["name"] for component in bill["components"]})
        references = [component["bom-ref"] for component in bill["components"]]
        self.assertEqual(len(references), len(set(references)))
        self.assertEqual(sorted(bill["dependencies"][0]["dependsOn"]), sorted(references))

    def test_secrets(self):
        """S0-10: no secret is in the package's files or in the binary that it ships"""
        scan = [sys.executable, root / "tools/lint/secret_scan.py", "--tree", self.tree]
        done = run(*scan)
        self.assertEqual(done.returncode, 0, done.stdout)
        password = re.search(
            r'service_password = "(.*)"', (root / "examples/pump/service_password.h").read_text()
        )[1]
        planted = self.tree / "usr/share/doc/sallyport/planted"
        planted.write_text(password)
        found = run(*scan)
        planted.unlink()
        self.assertEqual(found.returncode, 1)
        self.assertIn("planted:1: demo-secret", found.stdout)

    def test_units(self):
        """systemd finds no fault in the units and rates their exposure below 2.0"""
        for unit in units:
            with tempfile.TemporaryDirectory() as folder:
                # `verify` wants the program to be there; everything else is the unit as it is.
                text = unit.read_text().replace("/usr/bin/sallyport", str(self.binary))
                copy = pathlib.Path(folder) / unit.name
                copy.write_text(text)
                verified = run("systemd-analyze", "verify", copy)
            self.assertEqual((verified.returncode, verified.stdout), (0, ""), verified.stderr)
            self.assertNotIn(unit.name, verified.stderr)
            rated = output("systemd-analyze", "security", "--offline=yes", "--no-pager", unit)
            exposure = re.search(rf"exposure level for {re.escape(unit.name)}: ([0-9.]+)", rated)[1]
            self.assertLess(float(exposure), 2.0, unit.name)

    def test_nothing_starts(self):
        """installing starts and enables neither unit: the operator does, once there is a configuration or a token"""
        for script in ["postinst", "prerm", "postrm"]:
            text = (self.tree / "DEBIAN" / script).read_text()
            self.assertNotRegex(text, r"systemctl (enable|start)|deb-systemd-helper", script)
        links = [path for path in (self.tree / "lib/systemd").rglob("*") if path.is_symlink()]
        self.assertEqual(links, [])

    def test_life(self):
        """the package installs, serves under its unit, upgrades and is purged as it promises (on a copy of this system)"""
        as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        if run(*as_root, "true").returncode != 0:
            self.skipTest("installing the package for real needs root or sudo")
        # A container may not be allowed what the copy of the system needs.
        probe = run(
            *as_root, "unshare", "--mount", "--net", "--pid", "--ipc", "--fork", "--propagation", "private",
            "sh", "-c", "mount -t tmpfs probe /mnt && mkdir /mnt/u /mnt/w /mnt/m && "
            "mount -t overlay -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w probe /mnt/m",
        )
        if probe.returncode != 0:
            self.skipTest(f"installing the package for real needs mount namespaces: {probe.stderr.strip()}")
        done = subprocess.run(
            [*as_root, here / "package_sandbox.sh", root, "/usr/bin/python3", here / "package_life.py",
             self.deb, build],
            capture_output=True, text=True, timeout=240,
        )
        for line in done.stdout.splitlines():
            print(f"    {line}")
        self.assertEqual(done.returncode, 0, done.stdout[-4000:] + done.stderr[-4000:])
        self.assertIn("all steps passed", done.stdout)


if __name__ == "__main__":
    unittest.main()
