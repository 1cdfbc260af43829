#include "shapes.h"
#include <algorithm>
#include <set>

namespace shapes {

struct Longer {
    bool operator()(const std::string &a, const std::string &b) const { return a.size() > b.size(); }
};

static int weight(const std::string &word)
{
    int result = 0;
    for (char c : word)
        result += square(c - 'a');
    return result;
}

int more(const std::vector<std::string> &words)
{
    std::set<std::string, Longer> sorted(words.begin(), words.end());
    Tree<int> tree(0);
    int total = 0;
    for (const auto &word : sorted) {
        tree.add(weight(word));
        total += cube((int)word.size());
    }
    return total + (int)tree.count();
}

}
