#!/bin/sh
# A private PostgreSQL 15 cluster for tests: Unix socket only, fsync on. Its data lies in memory where
# there is room, since tests wait for the disk most of their time; PG_CLUSTER_ON=disk keeps it in DIR.
#   pg_cluster.sh start DIR   starts it, anew unless it runs already, and prints its socket folder
#   pg_cluster.sh stop DIR    stops it and removes DIR
#   pg_cluster.sh halt DIR    stops it as a machine that goes down would, and keeps its data
#   pg_cluster.sh resume DIR  starts it again after that
# As root it runs as the user postgres, who must be able to reach DIR. Only that user (or whoever
# called) and root can connect, and need no password.
set -eu

usage() {
    echo "usage: pg_cluster.sh start|stop|halt|resume DIR" >&2
    exit 2
}
[ $# -eq 2 ] || usage
action=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd -P)
mark=$dir/.sallyport-test-cluster

bin=${SALLYPORT_PG_BIN:-/usr/lib/postgresql/15/bin}
[ -x "$bin/pg_ctl" ] || bin=$(pg_config --bindir 2>/dev/null || true)
if [ ! -x "$bin/pg_ctl" ]; then
    echo "pg_cluster.sh: no PostgreSQL server here; install postgresql-15" >&2
    exit 1
fi

as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid=postgres --regid=postgres --init-groups env -i PATH="$bin:/usr/bin:/bin" \
            LC_ALL=C.UTF-8 "$@"
    else
        env -i PATH="$bin:/usr/bin:/bin" LC_ALL=C.UTF-8 "$@"
    fi
}

runs() {
    as_owner "$bin/pg_ctl" status -D "$dir/data" >/dev/null 2>&1 &&
        as_owner "$bin/pg_isready" -q -h "$dir/socket"
}

halt() {
    [ -e "$dir/data/postmaster.pid" ] || return 0
    as_owner "$bin/pg_ctl" stop -D "$dir/data" -m fast -w -t 20 >/dev/null 2>&1 ||
        as_owner "$bin/pg_ctl" stop -D "$dir/data" -m immediate -w >/dev/null 2>&1 || true
}

# Only what this script made is ever removed.
clear_out() {
    [ -e "$mark" ] || return 0
    halt
    if [ -L "$dir/data" ]; then rm -rf "$(readlink "$dir/data")"; fi
    rm -rf "$dir/data" "$dir/socket" "$dir/log" "$mark"
}

# Where its files go: one that outlives a crash of the server, not of the machine.
place_data() {
    room=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
    if [ "${PG_CLUSTER_ON:-memory}" = memory ] && [ "${room:-0}" -gt 2097152 ] && [ -w /dev/shm ]; then
        ln -s "$(mktemp -d /dev/shm/sallyport-pg.XXXXXX)" "$dir/data"
    else
        mkdir "$dir/data"
    fi
    chmod 700 "$dir/data/."
}

start() {
    if [ ${#dir} -gt 80 ]; then
        echo "pg_cluster.sh: $dir is too long for the name of a socket" >&2
        exit 1
    fi
    if [ -e "$mark" ] && runs; then
        echo "$dir/socket"
        return
    fi
    if [ ! -e "$mark" ] && [ -e "$dir/data" ]; then
        echo "pg_cluster.sh: $dir/data is there and not ours" >&2
        exit 1
    fi
    clear_out
    touch "$mark"
    mkdir -p "$dir/socket"
    place_data
    if [ "$(id -u)" -eq 0 ]; then chown postgres:postgres "$dir" "$dir/socket" "$dir/data/."; fi
    chmod 700 "$dir/socket"
    as_owner "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
        --no-sync >/dev/null
    as_owner tee -a "$dir/data/postgresql.conf" >/dev/null <<END
listen_addresses = ''
unix_socket_directories = '$dir/socket'
unix_socket_permissions = 0700
fsync = on
synchronous_commit = on
max_connections = 200
shared_buffers = 64MB
END
    run
}

run() {
    if ! as_owner "$bin/pg_ctl" start -D "$dir/data" -w -t 60 -l "$dir/data/log" >/dev/null; then
        as_owner tail -n 20 "$dir/data/log" >&2 || true
        exit 1
    fi
    echo "$dir/socket"
}

case $action in
start) start ;;
stop)
    clear_out
    rmdir "$dir" 2>/dev/null || true
    ;;
halt)
    [ -e "$mark" ] || usage
    as_owner "$bin/pg_ctl" stop -D "$dir/data" -m immediate -w >/dev/null
    ;;
resume)
    [ -e "$mark" ] || usage
    run
    ;;
*) usage ;;
esac
