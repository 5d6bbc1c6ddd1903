#!/usr/bin/env bash
# Makes ./demo-data (or $DEMO_DIR), starts the pump and the server of $SALLYPORT_BUILD on loopback,
# walks the main job and, without --script, stays up until Ctrl-C. Used by ./run and ./check.
# $DEMO_STORE names a file with another [store] section than SQLite's.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${SALLYPORT_BUILD:-$root/build/release}
demo=${DEMO_DIR:-$root/demo-data}
script=no
[[ ${1:-} == --script ]] && script=yes

rm -rf "$demo"
mkdir -p "$demo"
chmod 700 "$demo"
pids=()
stop() {
    trap - EXIT INT TERM
    local pid
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
}
trap stop EXIT
trap 'stop; exit 130' INT TERM

free_port() { # the first of a few that nobody listens on
    local port
    for port in "$@"; do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
    echo "none of the ports $* is free; stop what listens there" >&2
    return 1
}
https_port=$(free_port 8443 8543 8643 8743)
pump_port=$(free_port 8080 18080 28080 38080)
hl7_port=$(free_port 2575 12575 22575)

# The pump's hard-coded password, as its manual prints it.
sed -n 's/.*service_password = "\(.*\)";/\1/p' "$root/examples/pump/service_password.h" >"$demo/pump-password"
chmod 600 "$demo/pump-password"

"$build/examples/pump/pump" --bind 127.0.0.1 --http-port "$pump_port" --hl7-port "$hl7_port" \
    --byte-log "$demo/pump-bytes" >"$demo/pump.out" 2>&1 &
pids+=($!)

sallyport=$build/src/apps/sallyport/sallyport
"$sallyport" init --demo --dir "$demo" --port "$https_port"
[[ -z ${DEMO_STORE:-} ]] || cat "$DEMO_STORE" >>"$demo/sallyport.toml"
(umask 077 && exec "$sallyport" serve --config "$demo/sallyport.toml" >"$demo/serve.out" 2>"$demo/serve.log") &
server=$!
pids+=("$server")
for _ in $(seq 150); do
    grep -q '^Ready' "$demo/serve.out" 2>/dev/null && break
    kill -0 "$server" 2>/dev/null || { cat "$demo/serve.out" "$demo/serve.log" >&2; exit 1; }
    sleep 0.1
done

failed=0
"$root/tools/walk/walk.sh" "$sallyport" "$demo" "$pump_port" || failed=$?
if [[ $script == yes ]]; then
    # It must also stop well: without this, what a sanitizer finds at the end would go unseen.
    kill "$server"
    ended=0
    wait "$server" || ended=$?
    if ((ended != 0)); then
        echo "the server ended with $ended:" >&2
        tail -n 60 "$demo/serve.log" >&2
        ((failed += 1))
    fi
    exit "$failed"
fi

echo
echo "Sallyport stays up. Everything it keeps is in $demo; delete the folder to forget it."
cat "$demo/people.txt"
echo "Open https://sallyport.localhost:$https_port. Your browser does not know the demo's certificate"
echo "authority ($demo/tls/demo-ca.pem): tell it to go on, or to trust that file."
echo "The pump: https://pump-07.gate.localhost:$https_port through Sallyport,"
echo "          http://127.0.0.1:$pump_port itself (in a hospital, the network rule closes this way)"
echo "Stop with Ctrl-C."
wait "$server"
