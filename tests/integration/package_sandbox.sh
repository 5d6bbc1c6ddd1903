#!/usr/bin/env bash
# Runs a command as root on a copy-on-write copy of this system, in network, mount and process
# namespaces of its own: what it installs, changes and starts is gone when it ends. The repository
# is there and can be written (results). Needs root.
#
#   package_sandbox.sh REPOSITORY COMMAND...
set -euo pipefail
[[ ${1:-} == --inside ]] || exec unshare --mount --net --pid --ipc --fork --kill-child --propagation private \
    "${BASH_SOURCE[0]}" --inside "$@"
shift
repository=$1
shift

layer=$(mktemp -d) # itself on the real disk, empty when we are done
mount -t tmpfs -o mode=0755 sandbox "$layer"
mkdir "$layer/changes" "$layer/work" "$layer/root"
mount -t overlay -o "lowerdir=/,upperdir=$layer/changes,workdir=$layer/work" sandbox "$layer/root"
root=$layer/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount -t tmpfs -o mode=0755 run "$root/run"
mkdir -p "$root$repository"
mount --rbind "$repository" "$root$repository"
# No service is started on installation, and no machine's own Sallyport is in the way.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
rm -rf "$root/etc/sallyport" "$root/var/lib/sallyport"
ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null || true
cd "$root"
exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    "$@"
