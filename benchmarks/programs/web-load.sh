#!/bin/sh
# The load for the web service that writes its port and process id to the file $1: so many requests ($2), then SIGTERM.
set -e
tries=0
until [ -f "$1" ]; do
    tries=$((tries + 1))
    [ $tries -lt 500 ] || exit 1
    sleep 0.02
done
read -r port pid <"$1"
rm "$1"
# wrk runs for a time, not for a number of requests: the script ends it. One thread, since each would have a count of its own.
wrk -t 1 -c 16 -d 300 -s "$(dirname "$0")/web-load.lua" "http://127.0.0.1:$port/orders" -- "$2"
kill -TERM "$pid"
