#!/bin/bash
# Builds and runs every sample: samples/run.sh [DIRECTORY of liblampyris]. Needs gcc, and g++ for the C++ one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
library=$(cd "${1:-$here/../artifacts/native}" && pwd)
out=$here/../artifacts/samples
mkdir -p "$out" && cd "$out"
flags=(-O2 -Wall -Wextra -Werror)

gcc "${flags[@]}" "$here/preload.c" -o preload
LD_PRELOAD=$library/liblampyris.so ./preload
! ./preload

gcc "${flags[@]}" "$here/shared.c" -o shared -L"$library" -llampyris -Wl,-rpath,"$library"
./shared

gcc "${flags[@]}" "$here/static.c" -o static "$library/liblampyris.a"
./static
gcc "${flags[@]}" -static "$here/static.c" -o static-all "$library/liblampyris.a"
./static-all

gcc "${flags[@]}" "$here/wrap.c" -o wrap "@$library/liblampyris-wrap.options" "$library/liblampyris-wrap.a"
./wrap

if command -v g++ > /dev/null; then
    g++ "${flags[@]}" "$here/static-cxx.cc" -o static-cxx "$library/liblampyris.a"
    ./static-cxx
    g++ "${flags[@]}" -static "$here/static-cxx.cc" -o static-cxx-all "$library/liblampyris.a"
    ./static-cxx-all
else
    echo "samples/run.sh: no g++ here: static-cxx.cc not run" >&2
fi
