// Templates, lambdas, inlining, exceptions, recursion: a bit of everything that has addresses.
#include "shapes.h"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <stdexcept>

namespace shapes {

double Point::length() const { return std::sqrt(x * x + y * y); }

namespace {
int hidden(int depth)
{
    if (depth <= 0)
        return cube(3);
    return hidden(depth - 1) + cube(depth);
}
}

static int risky(int value)
{
    if (value > 1000)
        throw std::runtime_error("too large: " + std::to_string(value));
    return square(value) + 1;
}

template <typename... Ts> int sum(Ts... values) { return (cube(values) + ... + 0); }

struct Base {
    virtual ~Base() = default;
    virtual int area(int scale) const = 0;
};

struct Square : Base {
    int side;
    explicit Square(int s) : side(s) {}
    int area(int scale) const override { return square(side) * scale; }
};

struct Circle : Base {
    int radius;
    explicit Circle(int r) : radius(r) {}
    int area(int scale) const override { return (int)(3.14159 * square(radius)) * scale; }
};

int shapes_total(int count)
{
    std::vector<std::unique_ptr<Base>> all;
    for (int i = 0; i < count; i++) {
        if (i % 2)
            all.push_back(std::make_unique<Square>(i));
        else
            all.push_back(std::make_unique<Circle>(i));
    }
    return std::accumulate(all.begin(), all.end(), 0, [](int total, const auto &shape) { return total + shape->area(2); });
}

std::map<std::string, int> shapes_words(const std::vector<std::string> &words)
{
    std::map<std::string, int> counts;
    for (const auto &word : words)
        counts[word] += sum(1, 2, (int)word.size());
    return counts;
}

}

int main(int argc, char **argv)
{
    using namespace shapes;
    std::vector<std::string> words(argv, argv + argc);
    for (int i = 0; i < 20; i++)
        words.push_back(std::to_string(cube(i)));
    std::sort(words.begin(), words.end(), [](const auto &a, const auto &b) { return a.size() != b.size() ? a.size() < b.size() : a < b; });
    Tree<std::string> tree("middle");
    for (const auto &word : words)
        tree.add(word);
    std::function<int(int)> later = [&](int value) { return risky(value) + (int)tree.count(); };
    int total = hidden(argc) + shapes_total(argc + 5) + later(argc) + more(words);
    try {
        total += risky(argc * 2000);
    } catch (const std::exception &problem) {
        std::printf("%s\n", problem.what());
    }
    Point point = Point{1, 2} + Point{(double)argc, 4};
    std::printf("%d %f %zu\n", total, point.length(), shapes_words(words).size());
    return 0;
}
