// bash that forks without end, and the tools of a pipeline.
namespace Lampyris.Programs.Tests;

public class ShellTests
{
    [Fact]
    public void BashForksAndWaitsTheSame() => Compare.WithAndWithout(scene => scene.Run("bash", "-c", """
        for i in {1..1500}; do x=$(echo $((i * 7 % 13))); ((sum += x)); done; echo $sum
        for i in {1..300}; do (exit $((i % 5))); ((codes += $?)); done; echo $codes
        for i in {1..300}; do /bin/true; done
        for i in {1..200}; do echo "job $i" & done | sort -k2n; wait
        declare -A map; for i in {1..20000}; do map[k$((i % 3000))]+="$i,"; done
        for k in "${!map[@]}"; do echo "$k=${map[$k]}"; done | sort | sha256sum
        f() { (($1)) && { local text; text=$(f $(($1 - 1))); echo "$1 $text"; }; }; f 40
        coproc tr a-z A-Z; echo hello >&${COPROC[1]}; exec {COPROC[1]}>&-; cat <&${COPROC[0]}
        cat <(seq 1000) <(seq 1000) | tee >(wc -l >&2) | tail -1
        """));

    [Fact]
    public void PipelineOfCoreToolsGivesTheSame() => Compare.WithAndWithout(scene => scene.Shell("""
        awk 'BEGIN { s = 1; for (i = 0; i < 200000; i++) { s = (s * 16807) % 2147483647; print s, i % 1000, "word" s % 5000 } }' > data
        sort --parallel=2 -S 2M -k3,3 -k1,1n data > sorted; sha256sum < sorted
        sort -R --random-source=data data | sort -n | uniq -c | sha256sum
        join -1 3 -2 3 <(head -2000 sorted) <(sort -k3,3 data | tail -90000) | wc
        sed -E 's/([0-9]+) ([0-9]+)/\2:\1/; s/word(.)/W\1/g' data | cut -d: -f2 | paste - - - | fold -w 60 | tail -3
        grep -cE '(1[0-9]+2 ){1}.*word1?9' data; tr 0-9 a-j < data | rev | tac | md5sum
        mkdir tree; for i in $(seq 300); do mkdir -p tree/$((i % 17))/$((i % 5)); head -$i data > tree/$((i % 17))/$((i % 5))/$i; done
        find tree -type f -name '*7*' -size +1k -printf '%p %s\n' | sort
        tar -c --sort=name --mtime=@0 --owner=0 --group=0 tree | gzip -n | tee tree.tgz | sha256sum
        mkdir out; tar -xzf tree.tgz -C out; diff -r tree out/tree && echo equal
        find tree -type f -print0 | xargs -0 -P4 -n20 sha256sum | sort | sha256sum
        seq 100000 | factor | awk '{ n += NF } END { print n }'; split -n l/7 data part; cat part* | cmp - data && echo whole
        comm -12 <(sort tree/1/1/* | uniq) <(sort tree/2/2/* | uniq) | wc -l; od -An -tx4 data | tail -2; b2sum data
        (diff <(head -3000 data) <(head -3000 data | sed '7~50d; s/word4/WORD/') || true) | sha256sum; dd if=data bs=37 2>/dev/null | cksum
        """));
}
