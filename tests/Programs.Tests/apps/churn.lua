-- Tables, strings and closures under the incremental and the generational collector (every block goes through realloc).
local function work(seed, count)
  local state, kept, sum = seed, {}, 0
  for i = 1, count do
    state = (state * 1103515245 + 12345) & 0x7fffffff
    kept[state % 4000] = { text = ("v"):rep(state % 300) .. i, list = { i, i + 1, i + 2 }, f = function() return i end }
    if i % 3 == 0 then kept[state * 7 % 4000] = nil end
  end
  for key = 0, 3999 do
    local entry = kept[key]
    if entry then sum = (sum * 31 + #entry.text + entry.list[2] + entry.f()) & 0xffffffff end
  end
  return sum
end
collectgarbage("incremental")
print(work(1, 200000))
collectgarbage("generational")
print(work(2, 200000))
local parts = {}
for i = 1, 200000 do parts[#parts + 1] = tostring(i) end
print(#table.concat(parts, ","))
