#!/usr/bin/env bash
# Starts a systemd unit's program the way the unit says, without systemd: its exact ExecStart, user,
# credentials, limits, capabilities and read-only file system. What systemd alone can do (the system
# call filter) the caller checks from a trace. Run in a mount namespace of its own (unshare -m).
#
#   unit_sandbox.sh UNIT_FILE TRACE_FILE
set -euo pipefail
unit=$1 trace=$2

setting() { sed -n "s/^$1=//p" "$unit" | tail -n 1; }
settings() { sed -n "s/^$1=//p" "$unit"; }

# Opened now: PrivateTmp may hide where it lies.
[[ -n $trace ]] && exec 9>"$trace"

name=$(basename "$unit" .service)
user=$(setting User)
state=/var/lib/$(setting StateDirectory)
credentials=/run/credentials/$(basename "$unit")

# LoadCredential=NAME:PATH is read by root and handed over read-only.
mkdir -p "$credentials"
mount -t tmpfs -o mode=0700 credentials "$credentials"
while IFS=: read -r credential path; do
    install -o "$user" -m 0400 "$path" "$credentials/$credential"
done < <(settings LoadCredential)
chown "$user" "$credentials"
mount -o remount,ro "$credentials"

# ProtectSystem=strict, but for the unit's own folders; ProtectHome, PrivateTmp, ProcSubset.
install -d -o "$user" -g "$(setting Group)" -m "$(setting StateDirectoryMode)" "$state"
for folder in "$state" $(settings ReadWritePaths); do
    optional=${folder#-}
    [[ -d $optional ]] || continue
    mount --bind "$optional" "$optional"
done
mount -o remount,bind,ro /
for folder in /home /root; do mount -t tmpfs -o mode=0000,ro home "$folder"; done
mount -t tmpfs -o mode=1777 tmp /tmp
mount -t proc -o "subset=$(setting ProcSubset),hidepid=$(setting ProtectProc)" proc /proc
[[ $(setting ProtectSystem) == strict && $(setting ProtectHome) == yes && $(setting PrivateTmp) == yes ]]

at_most() { # what is wanted, what this shell may have: a container may not be allowed more
    [[ $2 != unlimited && $2 -lt $1 ]] && echo "$2" || echo "$1"
}
memlock=$(setting LimitMEMLOCK)
hard=$(ulimit -Hl)
[[ $hard == unlimited ]] || hard=$((hard * 1024))
memlock=$(at_most "$((${memlock%M} * 1024 * 1024))" "$hard")
files=$(at_most "$(setting LimitNOFILE)" "$(ulimit -Hn)")
capabilities=$(setting CapabilityBoundingSet)
[[ $capabilities == CAP_NET_BIND_SERVICE && $(setting AmbientCapabilities) == "$capabilities" ]]
[[ $(setting NoNewPrivileges) == yes ]]
umask "$(setting UMask)"
cd /
# strace is outside of what it traces: the program has the unit's privileges, strace ours.
tracer=()
[[ -n $trace ]] && tracer=(strace -f -qq -o /proc/self/fd/9 -e signal=none)
exec "${tracer[@]}" \
    prlimit "--core=$(setting LimitCORE)" "--nofile=$files" "--memlock=$memlock" \
    setpriv --reuid "$user" --regid "$(setting Group)" --clear-groups --no-new-privs \
    --bounding-set -all,+net_bind_service --inh-caps -all,+net_bind_service \
    --ambient-caps -all,+net_bind_service \
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin LANG=C.UTF-8 \
    "USER=$user" "LOGNAME=$user" "HOME=$state" SHELL=/usr/sbin/nologin \
    "CREDENTIALS_DIRECTORY=$credentials" "STATE_DIRECTORY=$state" \
    "CONFIGURATION_DIRECTORY=/etc/$(setting ConfigurationDirectory)" INVOCATION_ID="$name" \
    $(setting ExecStart)
