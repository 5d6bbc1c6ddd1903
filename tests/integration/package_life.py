#!/usr/bin/env python3
"""One package's life, step by step, inside package_sandbox.sh: installed, configured as
operations.md says, served by the unit's own ExecStart under its restrictions, the main job walked,
upgraded, removed, purged, installed again.

  package_life.py PACKAGE.deb BUILD
"""

import os
import pathlib
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import time

root = pathlib.Path(__file__).resolve().parents[2]
deb, build = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
installed_unit = pathlib.Path("/lib/systemd/system/sallyport.service")
config = pathlib.Path("/etc/sallyport/sallyport.toml")
data = pathlib.Path("/var/lib/sallyport")
anchors = pathlib.Path("/mnt/anchors/sallyport")
work = build / "package/life"  # outlives the sandbox, for whoever has to look


def run(*command, **options):
    options.setdefault("timeout", 120)
    return subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, **options
    )


def good(*command, **options) -> str:
    done = run(*command, **options)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def as_server(*command) -> str:
    return good("runuser", "-u", "sallyport", "--", *command)


def step(what: str) -> None:
    print(f"ok: {what}", flush=True)


def whose(path: pathlib.Path) -> tuple[str, str]:
    status = path.stat()
    return pwd.getpwuid(status.st_uid).pw_name, oct(stat.S_IMODE(status.st_mode))


class Server:
    """The installed unit's program, running as the unit says."""

    def __init__(self, name: str, traced: bool = False):
        self.trace = work / f"{name}.trace" if traced else None
        self.out, self.log = work / f"{name}.out", work / f"{name}.log"
        with self.out.open("wb") as out, self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private",
                 root / "tests/integration/unit_sandbox.sh", installed_unit, self.trace or ""],
                stdout=out, stderr=log, stdin=subprocess.DEVNULL,
            )
        end = time.monotonic() + 60
        while "\nReady" not in "\n" + self.out.read_text():
            assert self.process.poll() is None, f"{name}: {self.log.read_text()[-3000:]}"
            assert time.monotonic() < end, f"{name}: not ready: {self.log.read_text()[-3000:]}"
            time.sleep(0.05)
        children = run("pgrep", "-x", "sallyport").stdout.split()
        assert len(children) == 1, children
        self.pid = int(children[0])

    def proc(self, file: str) -> str:
        return pathlib.Path(f"/proc/{self.pid}/{file}").read_text()

    def stop(self) -> None:
        os.kill(self.pid, signal.SIGTERM)
        code = self.process.wait(timeout=45)  # the unit's TimeoutStopSec
        assert code == 0, f"exit code {code}: {self.log.read_text()[-2000:]}"


def install() -> None:
    said = good("dpkg", "-i", deb)
    assert "not configured yet" in said, said
    user = pwd.getpwnam("sallyport")
    assert user.pw_uid < 1000 and user.pw_shell.endswith("nologin"), user
    assert user.pw_dir == str(data)
    for folder in (config.parent, data):
        assert whose(folder) == ("sallyport", "0o700"), folder
    assert pathlib.Path("/usr/share/doc/sallyport/sallyport.example.toml").is_file()
    assert whose(pathlib.Path("/var/lib/sallyport-badge")) == ("sallyport-badge", "0o700")
    assert installed_unit.read_text() == (root / "packaging/sallyport.service").read_text()
    assert good("sallyport", "version").startswith("sallyport ")
    step("dpkg -i makes the user and its folders, and starts nothing")


def configure() -> None:
    refused = run("sallyport", "init", "--dir", config.parent, "--host", "x.example.org",
                  "--device-suffix", "gate.example.net")
    assert refused.returncode == 1 and "runuser -u $(stat -c %U /etc/sallyport)" in refused.stderr, refused.stderr
    refused = run("sallyport", "init", "--dir", "/tmp/site", "--data-dir", 'a"b', "--demo")
    assert refused.returncode == 1 and "quotes" in refused.stderr, refused.stderr
    anchors.mkdir(parents=True)
    shutil.chown(anchors, "sallyport", "sallyport")
    anchors.chmod(0o700)
    as_server("sallyport", "init", "--dir", config.parent, "--data-dir", data,
              "--anchor-dir", anchors, "--host", "sallyport.example.org",
              "--device-suffix", "gate.example.net")
    for name, host in (("sallyport.example.org", "sallyport.example.org"),
                       ("gate.example.net", "*.gate.example.net")):
        as_server(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "90", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}",
            "-keyout", config.parent / f"tls/{name}.key", "-out", config.parent / f"tls/{name}.pem",
        )
    said = as_server("sallyport", "config", "check", "--config", config)
    assert said == f"{config}: good\n", said
    for key in ("master.key", "log.key"):
        assert whose(config.parent / "keys" / key) == ("sallyport", "0o600")
    step("sallyport init and config check, as operations.md tells")


def serve_a_site() -> None:
    with config.open("a") as file:
        file.write("\n[limits]\nheader_bytes = 4_096\n")
    server = Server("site")
    status = dict(re.findall(r"^(\w+):\s*(.*)$", server.proc("status"), re.MULTILINE))
    assert status["Uid"].split() == [str(pwd.getpwnam("sallyport").pw_uid)] * 4, status["Uid"]
    assert status["NoNewPrivs"] == "1"
    for capabilities in ("CapEff", "CapPrm", "CapBnd"):  # CAP_NET_BIND_SERVICE
        assert int(status[capabilities], 16) == 1 << 10, capabilities
    assert int(status["VmLck"].split()[0]) > 0, "no page of secrets is locked"
    limits = server.proc("limits")
    assert re.search(r"Max core file size\s+0\s+0 ", limits), limits
    assert "locked_memory" not in server.log.read_text()
    step("the unit's ExecStart binds port 443 with one capability, locks secrets, dumps no core")

    ask = ["curl", "-sS", "--cacert", config.parent / "tls/sallyport.example.org.pem",
           "--resolve", "sallyport.example.org:443:127.0.0.1", "-w", "%{http_code}",
           "https://sallyport.example.org/health/ready"]
    assert good(*ask).endswith("200")
    assert good(*ask, "-H", "x-long: " + 2000 * "x").endswith("200")
    assert good(*ask, "-H", "x-long: " + 5000 * "x").endswith("431"), "limits.header_bytes"
    assert re.search(r"^One-time code: \S+$", server.out.read_text(), re.MULTILINE)
    inside = ["nsenter", f"--mount=/proc/{server.pid}/ns/mnt", f"--root=/proc/{server.pid}/root",
              "--wd=/", "runuser", "-u", "sallyport", "--"]
    for folder in (data, anchors, "/tmp"):
        good(*inside, "sh", "-c", f"echo x >{folder}/probe && rm {folder}/probe")
    for path in (config, config.parent / "new", "/var/new", "/usr/bin/sallyport", "/root/new"):
        done = run(*inside, "sh", "-c", f"echo x >>{path}")
        assert done.returncode != 0, f"{path} was written"
        assert re.search("Read-only file system|Permission denied", done.stderr), done.stderr
    assert "Read-only" in run(*inside, "sh", "-c", f"echo x >>{config}").stderr
    seen = server.proc("environ")
    assert "CREDENTIALS_DIRECTORY=/run/credentials/sallyport.service" in seen, seen
    assert (config.parent / "keys/master.key").read_text().strip() not in seen
    assert (anchors / "checkpoint").exists()
    step("it answers, and can write its own folders and the anchors and nothing else")

    log_before = server.log.read_text()
    os.kill(server.pid, signal.SIGHUP)
    end = time.monotonic() + 10
    while "certificates reloaded" not in server.log.read_text()[len(log_before):]:
        assert time.monotonic() < end, server.log.read_text()[-2000:]
        time.sleep(0.02)
    server.stop()
    step("SIGHUP reads the certificates again, SIGTERM ends it with 0")


def allowed_system_calls() -> set[str]:
    """What the unit's SystemCallFilter lets through, line by line as systemd reads it."""

    groups: dict[str, set[str]] = {}
    name = ""
    for line in good("systemd-analyze", "syscall-filter", "--no-pager").splitlines():
        if line.startswith("@"):
            name = line.strip()
            groups[name] = set()
        elif re.match(r"\s+[@\w]", line):
            groups.setdefault(name, set()).add(line.strip())

    def members(word: str) -> set[str]:
        if not word.startswith("@"):
            return {word}
        return set().union(*(members(inner) for inner in groups[word])) if groups[word] else set()

    allowed = members("@default")  # systemd adds them to every list of what is allowed
    for line in re.findall(r"^SystemCallFilter=(.*)$", installed_unit.read_text(), re.MULTILINE):
        words = set().union(*(members(word) for word in line.removeprefix("~").split()))
        allowed = allowed - words if line.startswith("~") else allowed | words
    if "ProtectClock=yes" in installed_unit.read_text():
        allowed -= members("@clock")
    assert "read" in allowed and "clock_settime" not in allowed and "chown" not in allowed
    return allowed


def check_trace(trace: pathlib.Path) -> None:
    lines = trace.read_text(errors="replace").splitlines()
    begin = max(at for at, line in enumerate(lines) if 'execve("/usr/bin/sallyport"' in line)
    lines = lines[begin + 1:]
    called = {match[1] for match in (re.match(r"\d+\s+(\w+)\(", line) for line in lines) if match}
    assert {"fdatasync", "accept", "mlock", "getrandom"} <= called, sorted(called)
    assert {"adjtimex", "clock_adjtime"} & called, "the clock's state is not asked for"
    forbidden = called - allowed_system_calls()
    assert not forbidden, f"the unit's SystemCallFilter would end it for: {sorted(forbidden)}"
    both = [line for line in lines if "PROT_WRITE|PROT_EXEC" in line]
    assert not both, f"MemoryDenyWriteExecute would refuse: {both[0]}"
    families = {match[1] for match in map(re.compile(r"socket\((AF_\w+)").search, lines) if match}
    granted = re.search(r"^RestrictAddressFamilies=(.*)$", installed_unit.read_text(), re.MULTILINE)
    # The resolver asks for AF_NETLINK to sort addresses, and goes on without.
    assert families - {"AF_NETLINK"} <= set(granted[1].split()), families
    step(f"{len(called)} kinds of system call on the walk, all within the unit's filter")


def walk() -> None:
    """The main job, against the installed program, with the demo's configuration."""
    demo = work / "demo"
    demo.mkdir(mode=0o700)
    for folder in (config.parent, data, anchors):
        for entry in folder.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    as_server("sallyport", "init", "--demo", "--dir", config.parent, "--data-dir", data,
              "--anchor-dir", anchors, "--port", "8443")
    (demo / "data").symlink_to(data)
    (demo / "anchors").symlink_to(anchors)
    (demo / "tls").symlink_to(config.parent / "tls")
    password = re.search(
        r'service_password = "(.*)"', (root / "examples/pump/service_password.h").read_text()
    )[1]
    (demo / "pump-password").write_text(password + "\n")
    with (demo / "pump.out").open("wb") as out:
        pump = subprocess.Popen(
            [build / "examples/pump/pump", "--bind", "127.0.0.1", "--http-port", "8080",
             "--hl7-port", "2575", "--byte-log", demo / "pump-bytes"], stdout=out, stderr=out,
        )
    try:
        server = Server("walk", traced=True)
        shutil.copy(server.out, demo / "serve.out")
        said = run(root / "tools/walk/walk.sh", "/usr/bin/sallyport", demo, "8080", timeout=180)
        assert said.returncode == 0, said.stdout[-4000:] + said.stderr[-2000:]
        server.stop()
    finally:
        pump.kill()
        pump.wait()
    step(said.stdout.strip().splitlines()[-1] + ", through the installed package under its unit")
    check_trace(server.trace)
    as_server("sallyport", "audit", "verify", "--config", config)
    step("the audit log verifies with the installed program and its configuration")


def fingerprint() -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for folder in (config.parent, data, anchors)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def upgrade() -> None:
    with config.open("a") as file:
        file.write("\n# the operator's own line\n")
    before = fingerprint()
    server = Server("upgrade")
    newer = work / "newer"
    good("dpkg-deb", "-R", deb, newer)
    control = newer / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*$", "Version: 99.0", control.read_text(), flags=re.MULTILINE))
    good("dpkg-deb", "-Znone", "-b", newer, work / "newer.deb")
    said = good("dpkg", "-i", work / "newer.deb")
    assert "systemctl restart sallyport" in said and "not configured" not in said, said
    assert server.process.poll() is None, "the upgrade ended the running server"
    server.stop()
    after = fingerprint()
    for path in (config, config.parent / "keys/master.key", config.parent / "keys/log.key"):
        assert after[str(path)] == before[str(path)], path
    assert whose(config.parent) == ("sallyport", "0o700")
    Server("upgraded").stop()
    step("an upgrade keeps configuration, keys and data, and cuts nobody off")


def remove_and_purge() -> None:
    before = fingerprint()
    good("dpkg", "-r", "sallyport")
    assert not pathlib.Path("/usr/bin/sallyport").exists() and not installed_unit.exists()
    assert fingerprint() == before
    said = good("dpkg", "--purge", "sallyport")
    for word in (str(data), str(config.parent), "kept", "rm -r", "deluser"):
        assert word in said, said
    assert fingerprint() == before
    assert whose(data) == ("sallyport", "0o700")
    step("removing and purging keep configuration, keys and data, and say so")
    good("dpkg", "-i", deb)
    server = Server("again")
    assert "One-time code" not in server.out.read_text(), "the accounts are gone"
    server.stop()
    as_server("sallyport", "audit", "verify", "--config", config)
    step("installed again, it goes on with what it had")


shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True, mode=0o755)
try:
    for part in (install, configure, serve_a_site, walk, upgrade, remove_and_purge):
        part()
finally:  # whose build it is may be somebody who only had sudo
    owner = build.stat()
    for path in (work, *work.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
print("all steps passed")
