#!/bin/bash
# Makes the static libraries: archive.sh OBJECTS OUTPUT
#   liblampyris.a       lampyris.o (heap and malloc family), and a member for each C++ operator
#   liblampyris-wrap.a  the same under the names that `-Wl,--wrap` asks for, and the list of those options
# Each object shows the outside only its entry points; lampyris_… are what the members share.
set -euo pipefail
objects=$1 output=$2
nm=${BINUTILS:-}nm ld=${BINUTILS:-}ld objcopy=${BINUTILS:-}objcopy ar=${BINUTILS:-}ar
work=$objects/archive
rm -rf "$work" && mkdir -p "$work"

core=()
for name in managed ThreadState Process Syscall RuntimeSupport NewHandler CxxRuntime.Static; do core+=("$objects/$name.o"); done

defined() { $nm --defined-only --format=posix "$1" | awk '$2 == "T" || $2 == "D" || $2 == "B" || $2 == "R" { print $1 }'; }

# One relocatable object in which everything but the given pattern is local.
merge() {   # OUTPUT PATTERN INPUT…
    local result=$1 pattern=$2; shift 2
    $ld -r -o "$work/merged.o" "$@"
    defined "$work/merged.o" | grep -E "$pattern" > "$work/keep"
    $objcopy --strip-debug --keep-global-symbols="$work/keep" "$work/merged.o" "$result"
}

operators=$(defined "$objects/OperatorNew.o")
public=$(defined "$objects/EntryPoints.o")

merge "$work/lampyris.o" "^(lampyris_.*|$(tr '\n' '|' <<< "$public")lampyris_root)\$" "${core[@]}" "$objects/EntryPoints.o"
members=("$work/lampyris.o")
for operator in $operators; do
    $ld -r --gc-sections -u "$operator" -o "$work/$operator.o" "$objects/OperatorNew.o"
    $objcopy --strip-debug "$work/$operator.o"
    members+=("$work/$operator.o")
done
rm -f "$output/liblampyris.a" && $ar rcsD "$output/liblampyris.a" "${members[@]}"

merge "$work/lampyris-wrap.o" '^(lampyris_(version|verify|snapshot|root)|__wrap_.*)$' "${core[@]}" "$objects/EntryPoints.Wrap.o" "$objects/OperatorNew.Wrap.o"
rm -f "$output/liblampyris-wrap.a" && $ar rcsD "$output/liblampyris-wrap.a" "$work/lampyris-wrap.o"
for name in $public $operators; do echo "-Wl,--wrap=$name"; done > "$output/liblampyris-wrap.options"
