# Strings, hashes, regular expressions and threads; prints digests only.
use strict;
use warnings;
use threads;
use Digest::SHA qw(sha256_hex);

sub work {
    my ($seed, $count) = @_;
    my (%seen, @words);
    my $state = $seed;
    for my $i (1 .. $count) {
        $state = ($state * 1103515245 + 12345) & 0x7fffffff;
        my $word = sprintf("%x", $state) x (1 + $state % 7);
        push @words, $word;
        $seen{substr $word, 0, 5}{$word} .= $i . ",";
        @words = @words[ -1000 .. -1 ] if @words > 2000;
    }
    my $text = join "\n", sort map { my $k = $_; map { "$k=$_:$seen{$k}{$_}" } sort keys %{ $seen{$k} } } keys %seen;
    my $hits = () = $text =~ /([0-9a-f])\1+/g;
    $text =~ s/(\d+)/$1 % 97/ge;
    return sha256_hex($text) . " $hits";
}

print "main ", work(1, 60000), "\n";
my @threads = map { my $n = $_; threads->create(sub { work($n, 12000) }) } 2 .. 9;
print "thread ", $_->join, "\n" for @threads;
my $big = "x" x (64 << 20);
$big .= "y" for 1 .. 1000;
print length($big), " ", sha256_hex(substr $big, -5000), "\n";
