# Strings, hashes, symbols, threads, forked children and a compacting collection.
require 'digest'
require 'digest/sha2' # here, not by autoload: two threads at once would break Ruby's own loading

def work(seed, count)
  random = Random.new(seed)
  kept = {}
  count.times do |i|
    kept[random.rand(3000)] = ["v" * random.rand(400), i.to_s * random.rand(20), { "k#{i % 50}".to_sym => [i] * random.rand(30) }]
    kept.delete(random.rand(3000)) if i % 3 == 0
  end
  Digest::SHA256.hexdigest(kept.sort.inspect)
end

puts Array.new(8) { |n| Thread.new { work(n, 8000) } }.map(&:value)
GC.compact
puts Array.new(4) { |n| IO.popen("-") { |child| child ? child.read : print(work(100 + n, 3000)) } }
puts "abc1def22" * 5000 =~ /zzz/ ? "found" : "none"
puts ("abc1def22" * 5000).gsub(/\d+/) { |d| (d.to_i * 2).to_s }.then { Digest::SHA256.hexdigest(_1) }
