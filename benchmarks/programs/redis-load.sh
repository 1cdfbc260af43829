#!/bin/sh
# The load for redis-server on the socket $1: strings, lists, hashes and sorted sets; then shuts it down.
set -e
socket=$1
tries=0
until redis-cli -s "$socket" ping >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || exit 1
    sleep 0.02
done
redis-benchmark -s "$socket" -q -P 16 -r 100000 -n 160000 -d 100 -t set,get,incr,lpush,rpop,hset,zadd
redis-benchmark -s "$socket" -q -P 16 -r 20000 -n 60000 -d 2000 -t set,get
redis-cli -s "$socket" shutdown nosave
