#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace shapes {

struct Point {
    double x, y;
    double length() const;
    inline Point operator+(const Point &other) const { return {x + other.x, y + other.y}; }
};

template <typename T> struct Tree {
    T value;
    Tree *left = nullptr, *right = nullptr;
    explicit Tree(T first) : value(first) {}
    ~Tree()
    {
        delete left;
        delete right;
    }
    void add(const T &other)
    {
        Tree *&side = other < value ? left : right;
        if (side)
            side->add(other);
        else
            side = new Tree(other);
    }
    std::size_t count() const { return 1 + (left ? left->count() : 0) + (right ? right->count() : 0); }
};

inline int square(int value) { return value * value; }

inline int cube(int value)
{
    int result = square(value);
    return result * value;
}

int more(const std::vector<std::string> &words);

}
