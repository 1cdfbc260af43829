#!/bin/bash
# Makes the static libraries: archive.sh OBJECTS OUTPUT
#   liblampyris.a              members: the heap with the malloc family; each basic C++ operator; the derived ones; the C++ runtime
#   liblampyris-wrap.a         the same under the names that `-Wl,--wrap` asks for
#   liblampyris-wrap.options   the linker's options for it
# An object shows the outside its entry points; lampyris_… is what the members share.
set -euo pipefail
objects=$1 output=$2
nm=${BINUTILS:-}nm ld=${BINUTILS:-}ld objcopy=${BINUTILS:-}objcopy ar=${BINUTILS:-}ar
work=$objects/archive
rm -rf "$work" && mkdir -p "$work"

heap=()
for name in managed ThreadState Process Syscall RuntimeSupport NewHandler NoThrow Profile Unwind; do heap+=("$objects/$name.o"); done

# All code in one section, whose ends the linker of the program names: by them the stack walker knows its own frames.
echo 'SECTIONS { lampyris_code : { *(.text .text.* __managedcode) } }' > "$work/code.ld"

defined() { $nm --defined-only --format=posix "$1" | awk '$2 ~ /^[TDBR]$/ { print $1 }'; }
operators=$(defined "$objects/OperatorNew.o")
derived=$(defined "$objects/OperatorNew.Derived.o")
family=$(defined "$objects/EntryPoints.o")

# One object of several, in which everything is local but lampyris_… and the symbols of the first.
merge() {   # RESULT ENTRY-POINTS OBJECT…
    local result=$1; shift
    $ld -r -T "$work/code.ld" -o "$work/merged.o" "$@"
    { defined "$1"; defined "$work/merged.o" | grep '^lampyris_[a-z]'; } > "$work/keep"
    $objcopy --strip-debug --keep-global-symbols="$work/keep" "$work/merged.o" "$result"
}

merge "$work/lampyris.o" "$objects/EntryPoints.o" "${heap[@]}"
merge "$work/lampyris-wrap.o" "$objects/EntryPoints.Wrap.o" "${heap[@]}"
$objcopy --strip-debug "$objects/CxxRuntime.Static.o" "$work/cxx-runtime.o"

# Whoever uses an operator asks for the C++ runtime.
cxx=(-u lampyris_find_cxx_runtime)
members=()
for operator in $operators; do
    $ld -r --gc-sections -u "$operator" "${cxx[@]}" -o "$work/$operator.o" "$objects/OperatorNew.o"
    $ld -r -T "$work/code.ld" "${cxx[@]}" -o "$work/placed.o" "$work/$operator.o"
    $objcopy --strip-debug "$work/placed.o" "$work/$operator.o"
    members+=("$work/$operator.o")
done
$ld -r -T "$work/code.ld" "${cxx[@]}" -o "$work/derived.o" "$objects/OperatorNew.Derived.o"
$objcopy --strip-debug $(printf -- '--weaken-symbol=%s ' $derived) "$work/derived.o"
$ld -r -T "$work/code.ld" "${cxx[@]}" -o "$work/operators-wrap.o" "$objects/OperatorNew.Wrap.o" "$objects/OperatorNew.Derived.Wrap.o"
$objcopy --strip-debug "$work/operators-wrap.o"

archive() { rm -f "$1" && $ar rcsD "$@"; }
archive "$output/liblampyris.a" "$work/lampyris.o" "${members[@]}" "$work/derived.o" "$work/cxx-runtime.o"
archive "$output/liblampyris-wrap.a" "$work/lampyris-wrap.o" "$work/operators-wrap.o" "$work/cxx-runtime.o"
for name in $family $operators $derived; do echo "-Wl,--wrap=$name"; done > "$output/liblampyris-wrap.options"
