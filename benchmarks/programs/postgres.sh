#!/bin/sh
# PostgreSQL as a workload, in a cluster of its own:
#
#     postgres.sh setup FOLDER          a fresh cluster in FOLDER/run: a copy of FOLDER/new, which the first call makes
#     postgres.sh serve FOLDER SOCKET   becomes the server
#     postgres.sh load  FOLDER SOCKET   pgbench, a look at its books, and the end of the server
#
# SOCKET is a name in the abstract namespace (@…): no file, and no limit that a long path would break. The server refuses to
# run as root; then it runs as the user `postgres`, whom Debian's package has made.
set -eu
folder=$2
socket=${3:-@lampyris-setup-$$}
for bin in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V); do PATH=$bin:$PATH; done # Debian's, the newest first

as_server=
[ "$(id -u)" != 0 ] || as_server="setpriv --reuid=postgres --regid=postgres --clear-groups"

accounts=5          # pgbench's scale: 100,000 accounts each
clients=8
updates_each=500    # transactions of each client: TPC-B's, then single SELECTs
selects_each=2500

fail() { echo "postgres.sh: $*" >&2; exit 2; }

# No background work that comes by the clock (checkpoints, autovacuum), no helpers for a query: each run does the same.
become_server() {
    exec $as_server postgres -D "$1" -k "$socket" -c listen_addresses= -c fsync=off -c shared_buffers=64MB -c max_wal_size=4GB \
        -c checkpoint_timeout=1h -c autovacuum=off -c max_parallel_workers=0 -c log_min_messages=panic
}

await_server() {
    tries=0
    until pg_isready -q -h "$socket" -U postgres; do
        tries=$((tries + 1))
        [ $tries -lt 500 ] || fail "the server does not answer"
        sleep 0.02
    done
}

end_server() { kill -INT "$(head -n 1 "$1/postmaster.pid")"; } # "fast": connections are cut, what is in memory is written

check_open() { $as_server test -w "$1" || fail "the server's user can't write to $1: is a folder above it closed to others?"; }

new_cluster() {
    rm -rf "$folder/new" "$folder/making"
    mkdir -p "$folder/making"
    [ "$(id -u)" != 0 ] || chown postgres "$folder/making"
    check_open "$folder/making"
    $as_server initdb -D "$folder/making" -U postgres -A trust -E UTF8 --no-locale --no-sync
    (become_server "$folder/making") &
    trap "kill -QUIT $! 2>/dev/null || :" EXIT
    await_server
    pgbench -h "$socket" -U postgres -i -q -s $accounts postgres
    end_server "$folder/making"
    wait
    trap - EXIT
    mv "$folder/making" "$folder/new"
}

case $1 in
setup)
    [ -d "$folder/new" ] && [ "$folder/new" -nt "$0" ] || new_cluster
    rm -rf "$folder/run"
    cp -a "$folder/new" "$folder/run"
    check_open "$folder/run"
    ;;
serve)
    become_server "$folder/run"
    ;;
load)
    await_server
    pgbench -h "$socket" -U postgres -n -c $clients -t $updates_each postgres
    pgbench -h "$socket" -U postgres -n -c $clients -t $selects_each -S postgres
    books="SELECT count(*) = $clients * $updates_each AND sum(delta) = (SELECT sum(abalance) FROM pgbench_accounts) FROM pgbench_history"
    [ "$(psql -h "$socket" -U postgres -X -A -t -c "$books" postgres)" = t ] || fail "the accounts don't add up"
    end_server "$folder/run"
    ;;
*)
    fail "setup, serve or load, not $1"
    ;;
esac
