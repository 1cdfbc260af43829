#!/bin/bash
# The newest mimalloc, jemalloc and tcmalloc that Debian has, beside the ones of this machine's release: downloads them to
# artifacts/bench/peers, installs nothing, and prints them as arguments for ./bench:
#
#     ./bench --allocator lampyris --allocator glibc $(benchmarks/peers.sh)
#
# A library from Debian's unstable release is taken as it is if it loads here. One that was built for a newer C library is built
# from its source instead: jemalloc needs autoconf and make for that, tcmalloc cmake and make. Remove the folder to look for newer ones.
set -euo pipefail
peers=$(cd "$(dirname "$0")/.." && pwd)/artifacts/bench/peers
keys=/usr/share/keyrings/debian-archive-keyring.gpg
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
suites=(sid trixie) # the newest first; the older one where a mirror lacks a file

fail() { echo "peers.sh: $*" >&2; exit 2; }

need() { for program in "$@"; do command -v "$program" >/dev/null || fail "needs $program"; done; }

if [ -f "$peers/arguments" ]; then
    cat "$peers/arguments"
    exit
fi
need apt-get dpkg-deb gcc g++
[ -f $keys ] || fail "needs $keys; Debian has it in debian-archive-keyring"

# A package system of our own, so that the machine's does not change and nobody has to be root.
mkdir -p "$peers"/apt/{state/lists/partial,cache/archives/partial}
for suite in "${suites[@]}"; do printf '%s [signed-by=%s] %s %s main\n' deb $keys "$mirror" "$suite" deb-src $keys "$mirror" "$suite"; done >"$peers/apt/sources.list"
options=(-q -o Dir::State="$peers/apt/state" -o Dir::Cache="$peers/apt/cache" -o Dir::Etc::SourceList="$peers/apt/sources.list"
    -o Dir::Etc::SourceParts=- -o Dir::Etc::Preferences=- -o Dir::Etc::PreferencesParts=- -o APT::Sandbox::User=root)
apt-get "${options[@]}" update >"$peers/update.log" 2>&1 || fail "no package lists from $mirror; see $peers/update.log"

loads() { [ -f "$1" ] && [ -z "$(LD_PRELOAD=$1 /bin/true 2>&1)" ]; }

# Prints the library and its version if the package $1 has a file named like $2 that loads.
from_package() {
    local name=$1 pattern=$2 folder=$peers/$1 library
    rm -rf "$folder" && mkdir "$folder"
    (cd "$folder" && apt-get "${options[@]}" download "$name/${suites[0]}" >download.log 2>&1) || return 1
    dpkg-deb -x "$folder"/*.deb "$folder"
    library=$(find "$folder" -type f -name "$pattern" | sort | head -n 1)
    loads "$library" || return 1
    echo "$library $(dpkg-deb -f "$folder"/*.deb Version | sed 's/[+-].*//')"
}

# Prints the library and its version that `build_$1` makes of the source package $1, in its folder.
from_source() {
    local name=$1 folder=$peers/$1 suite uri file sum library
    rm -rf "$folder"
    for suite in "${suites[@]}"; do
        read -r uri file _ sum < <(apt-get "${options[@]}" source --print-uris "$name/$suite" 2>/dev/null | grep -F .orig.tar | grep -vF .asc | tr -d "'") || continue
        mkdir -p "$folder"
        /usr/lib/apt/apt-helper "${options[@]}" download-file "$uri" "$folder/$file" "$sum" >>"$peers/download.log" 2>&1 || continue
        tar -xf "$folder/$file" -C "$folder" --strip-components 1
        library=$(cd "$folder" && "build_$name" "$(sed 's/^[^_]*_\(.*\)\.orig.*/\1/' <<<"$file")") || fail "$name does not build; see $folder/build.log"
        loads "$library" || fail "$library does not load"
        echo "$library $(sed 's/^[^_]*_\(.*\)\.orig.*/\1/' <<<"$file")"
        return
    done
    fail "no source of $name at $mirror"
}

build_jemalloc() {
    need autoconf make
    { autoconf && ./configure --disable-cxx --with-version="$1-0-g0" && make build_lib_shared; } >build.log 2>&1 || return 1
    echo "$PWD/lib/libjemalloc.so.2"
}

build_google-perftools() {
    need cmake make
    { cmake -S . -B build -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF && make -C build tcmalloc_minimal; } >build.log 2>&1 || return 1
    echo "$PWD/build/libtcmalloc_minimal.so"
}

peer() { # NAME PACKAGE LIBRARY [SOURCE]
    local library version found
    found=$(from_package "$2" "$3") || {
        [ $# = 4 ] || fail "no $2 from $mirror loads here"
        found=$(from_source "$4")
    }
    read -r library version <<<"$found"
    arguments+=(--allocator "$1-$version=$library")
}

arguments=()
peer mimalloc libmimalloc3 'libmimalloc.so.3*'
peer jemalloc libjemalloc2 libjemalloc.so.2 jemalloc
peer tcmalloc libtcmalloc-minimal4t64 'libtcmalloc_minimal.so.4*' google-perftools
echo "${arguments[@]}" | tee "$peers/arguments"
