#!/bin/bash
# Guards the C# subset in what ILC made: guard.sh OBJECT [FAST-PATH…]. What the linker can't resolve (`new`, `throw`,
# casts) it reports itself; these would link, and then fail at run time or be slow.
set -euo pipefail
object=$1; shift
nm=${BINUTILS:-}nm objdump=${BINUTILS:-}objdump
failed=0

# Statics that need a runtime: an initialiser that is no constant, a reference, a thread-static.
if found=$($nm "$object" | grep -E '__cctor|__GCSTATICS|__THREADSTATIC'); then
    echo "guard.sh: error: a static field needs a .NET runtime: $found" >&2
    failed=1
fi

# `[Intrinsic]` methods call themselves and count on ILC to put an instruction there. Where it does
# not, what is left is a jump to itself.
if found=$($objdump -d --no-show-raw-insn "$object" | awk '
        /^[0-9a-f]+ <.*>:$/ { name = $2 }
        $2 ~ /^(jmp|b)$/ && $1 == $3 ":" { print name }' | grep .); then
    echo "guard.sh: error: not an intrinsic for this processor: $found" >&2
    failed=1
fi
# Fast paths end in a return or a jump, and on x86-64 have no frame (on ARM64 ILC always makes one). Operator
# new's slow path looks at its return address, which must be the program's.
for name; do
    if ! code=$($objdump -d --no-show-raw-insn --disassemble="$name" "$object") || ! grep -q "<$name>:" <<<"$code"; then
        echo "guard.sh: error: there is no fast path $name" >&2
        failed=1
    elif awk '$2 ~ /^(call|bl|blr)$/' <<<"$code" | grep .; then
        echo "guard.sh: error: a call in the fast path $name" >&2
        failed=1
    elif awk '$2 == "push"' <<<"$code" | grep .; then
        echo "guard.sh: error: a frame in the fast path $name: it has more than three basic blocks, or an attribute that forbids jumps" >&2
        failed=1
    fi
done
exit $failed
