#!/bin/sh
# pg_database.sh SOCKET_DIR NAME: a fresh database in the cluster of pg_cluster.sh, owned by the role
# NAME_owner and served as the role NAME, which starts with no right in it. Prints the [store] section
# of sallyport.toml that uses it.
set -eu
[ $# -eq 2 ] || { sed -n '2,4p' "$0" >&2; exit 2; }
socket=$1
name=$2

psql -q -X -v ON_ERROR_STOP=1 -h "$socket" -U postgres postgres >&2 <<END
SET client_min_messages = warning;
DROP DATABASE IF EXISTS $name WITH (FORCE);
DROP ROLE IF EXISTS $name;
DROP ROLE IF EXISTS ${name}_owner;
CREATE ROLE ${name}_owner LOGIN;
CREATE ROLE $name LOGIN;
CREATE DATABASE $name OWNER ${name}_owner;
END

cat <<END

[store]
engine = "postgres"
conninfo = "host=$socket dbname=$name user=$name"
owner_conninfo = "host=$socket dbname=$name user=${name}_owner"
END
