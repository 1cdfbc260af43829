# Writes the inputs of the real programs to the folder given: big.cc for the C++ compiler, big.txt for the compressor.
# Always the same bytes.
import pathlib
import random
import sys

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
random.seed(7)

lines = ["#include <algorithm>", "#include <functional>", "#include <map>", "#include <memory>", "#include <string>", "#include <vector>"]
for i in range(6):
    lines += [
        f"struct Record{i} {{ int key; std::string name; std::vector<double> values; std::map<int, std::string> notes; }};",
        f"template <typename T> struct Table{i} {{",
        f"    std::map<std::string, std::vector<T>> rows;",
        f"    void add(const std::string &name, T row) {{ rows[name].push_back(std::move(row)); }}",
        f"    template <typename F> auto each(F f) const {{ std::vector<decltype(f(std::declval<T>()))> all; for (auto &pair : rows) for (auto &row : pair.second) all.push_back(f(row)); return all; }}",
        f"}};",
        f"double work{i}(int count) {{",
        f"    Table{i}<Record{i}> table;",
        f"    for (int j = 0; j < count; j++) table.add(std::to_string(j % {random.randrange(5, 99)}), Record{i}{{j, \"name\", {{1.0 * j, 2.0}}, {{{{j, \"x\"}}}}}});",
        f"    auto sums = table.each([](const Record{i} &r) {{ double s = {i}; for (double v : r.values) s += v; return s; }});",
        f"    std::sort(sums.begin(), sums.end(), [](double a, double b) {{ return a > b; }});",
        f"    std::function<double(double)> scale = [count](double v) {{ return v * count; }};",
        f"    auto shared = std::make_shared<std::vector<double>>(sums);",
        f"    return scale(shared->empty() ? 0 : shared->front());",
        f"}}",
    ]
(folder / "big.cc").write_text("\n".join(lines) + "\n")

words = ["".join(random.choice("etaoinshrdlu") for _ in range(random.randrange(2, 11))) for _ in range(6000)]
with open(folder / "big.txt", "w") as text:
    for _ in range(400000):
        text.write(" ".join(random.choices(words, k=12)) + "\n")
