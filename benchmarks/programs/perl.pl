# Splits lines into words, counts them in hashes, sorts, joins, substitutes: many short strings.
use strict;
use warnings;

my $seed = 1;
sub next_number { $seed = ($seed * 1103515245 + 12345) & 0x7fffffff; return $seed >> 8; }

for my $round (1 .. 3) {
    my (%count, %lines_with);
    for my $line (1 .. 25000) {
        my $text = join ' ', map { 'word' . (next_number() % 9000) } 1 .. 12;
        $text =~ s/word(\d)(\d*)/w$2$1/g;
        for my $word (split / /, $text) {
            $count{$word}++;
            push @{$lines_with{$word}}, $line;
        }
    }
    my @order = sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count;
    my $report = join "\n", map { "$_ $count{$_} " . join(',', @{$lines_with{$_}}[0 .. 2]) } grep { @{$lines_with{$_}} > 2 } @order;
    die 'wrong count' unless length $report > 1000;
}
