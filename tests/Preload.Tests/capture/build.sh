#!/bin/bash
# Makes the tests' variant of liblampyris.so, whose malloc captures stacks: build.sh OBJECTS OUTPUT.so
# It is linked from the objects of the library itself; two entry points give way to those of Capture.c.
set -euo pipefail
objects=$1 output=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

gcc -std=gnu17 -D_GNU_SOURCE -O2 -g -fPIC -fvisibility=hidden -ftls-model=initial-exec -Wall -Wextra -Werror \
    -c "$here/Capture.c" -o "$work/Capture.o"
objcopy --redefine-sym malloc=__wrap_malloc "$objects/EntryPoints.o" "$work/EntryPoints.o"
objcopy --redefine-sym _Znwm=__wrap__Znwm "$objects/OperatorNew.o" "$work/OperatorNew.o"
rest=()
for object in "$objects"/*.o; do
    case $(basename "$object") in
        *.Wrap.o | *.Static.o | EntryPoints.o | OperatorNew.o) ;;
        *) rest+=("$object") ;;
    esac
done
sed 's/^  local:/    capture_next; capture_next_of; capture_addresses;\n&/' "$here/../../../src/Preload/exports.map" > "$work/exports.map"
gcc -shared -Wl,-z,now -Wl,-z,relro -Wl,-z,nodelete -Wl,--gc-sections -Wl,--no-undefined -Wl,--version-script="$work/exports.map" \
    -o "$work/library.so" "$work"/*.o "${rest[@]}"
mv "$work/library.so" "$output"
