// A file that makes the C++ compiler work: many template instances, regular expressions, algorithms, lambdas.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <regex>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

template <int N> struct Fibonacci { static constexpr unsigned long value = Fibonacci<N - 1>::value + Fibonacci<N - 2>::value; };
template <> struct Fibonacci<1> { static constexpr unsigned long value = 1; };
template <> struct Fibonacci<0> { static constexpr unsigned long value = 0; };

template <int N> struct Tower {
    std::map<std::string, std::vector<std::tuple<int, double, std::string>>> level;
    std::variant<int, std::string, std::vector<int>> any;
    std::unique_ptr<Tower<N - 1>> below = std::make_unique<Tower<N - 1>>();
    unsigned long sum()
    {
        for (int i = 0; i < N; i++)
            level["k" + std::to_string(i * 7 % N)].emplace_back(i, i * 0.5, std::string(i + 1, 'x'));
        any = std::vector<int>(N, N);
        unsigned long total = 0;
        for (auto &[key, list] : level)
            for (auto &[a, b, c] : list)
                total += key.size() + a + static_cast<unsigned long>(b) + c.size();
        return total + std::get<std::vector<int>>(any).size() + below->sum();
    }
};
template <> struct Tower<0> { unsigned long sum() { return 0; } };

static unsigned long churn(int seed)
{
    std::mt19937 random(seed);
    std::unordered_map<int, std::unique_ptr<std::string>> kept;
    unsigned long total = 0;
    for (int i = 0; i < 200000; i++) {
        kept[random() % 4096] = std::make_unique<std::string>(random() % 600, 'c');
        if (auto found = kept.find(random() % 4096); found != kept.end()) {
            total += found->second->size();
            kept.erase(found);
        }
    }
    return total;
}

int main()
{
    std::printf("%lu %lu\n", Fibonacci<90>::value, Tower<40>().sum());
    const std::regex words("([a-z]+)([0-9]*)");
    std::string text;
    for (int i = 0; i < 500; i++)
        text += "abc" + std::to_string(i) + " ";
    std::set<std::string> found;
    for (std::sregex_iterator i(text.begin(), text.end(), words), end; i != end; ++i)
        found.insert(i->str());
    std::printf("%zu %s\n", found.size(), found.rbegin()->c_str());
    std::vector<unsigned long> results(8);
    std::vector<std::thread> threads;
    for (int n = 0; n < 8; n++)
        threads.emplace_back([&results, n] { results[n] = churn(n); });
    for (auto &thread : threads)
        thread.join();
    for (unsigned long result : results)
        std::printf("%lu\n", result);
    try {
        std::vector<char> impossible(~0ul >> 2);
        std::printf("%zu\n", impossible.size());
    } catch (const std::bad_alloc &error) {
        std::printf("%s\n", error.what());
    }
}
