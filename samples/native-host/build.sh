#!/bin/sh
# Builds the host: build.sh OUTPUT [SWITCH…], the switches being -DOVERRIDE_CXX_NEW_DELETE and -DSAVE_ALLOCATE_SIZE.
set -eu
here=$(dirname "$0") output=$1
shift
exec ${CXX:-g++} -std=c++17 -O2 -g -Wall -Wextra -Werror -pthread -I"$here/../../include" "$@" -o "$output" "$here"/*.cc -ldl
