// Templates, lambdas, virtual functions and handlers of exceptions that allocate. Says what it does as chains.c does.
#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#define KEEP __attribute__((noinline, noclone))

static constexpr int Rounds = 2000;
static char *volatile last;

static void expect(size_t bytes, const char *chain) { std::printf("%zu\t%s\n", bytes, chain); }

namespace shop {

template <class T> struct Box {
    KEEP static void Fill(size_t count) {
        std::unique_ptr<T[]> items(new T[count]);
        last = reinterpret_cast<char *>(items.get());
        last[0] = 1;
    }
};

struct Shape {
    virtual ~Shape() = default;
    virtual void Draw(int size) const = 0;
};

struct Circle final : Shape {
    KEEP void Draw(int size) const override {
        std::vector<int> points(size);
        last = reinterpret_cast<char *>(points.data());
        last[0] = 1;
    }
};

struct Failure : std::exception {
    char text[1000];
    const char *what() const noexcept override { return text; }
};

KEEP void Throw(int depth) {
    if (depth == 0) throw Failure();
    Throw(depth - 1);
    last = nullptr;
}

// The string is made while the exception is being handled.
KEEP void Describe(const std::exception &) {
    std::string text(3000, 'x');
    last = text.data();
    last[0] = 1;
}

KEEP void Handle() {
    try {
        Throw(10);
    } catch (const std::exception &problem) {
        std::vector<char> copy(7000);
        last = copy.data();
        last[0] = 1;
        Describe(problem);
    }
}

struct Cleaner {
    KEEP ~Cleaner() {
        std::vector<char> room(4500);
        last = room.data();
        last[0] = 1;
    }
};

// Its destructor allocates while the stack is being unwound.
KEEP void ThrowThroughCleaner() {
    Cleaner cleaner;
    Throw(3);
}

KEEP void Swallow() {
    try {
        ThrowThroughCleaner();
    } catch (const Failure &) {
        last = nullptr;
    }
}

KEEP void Each(const std::function<void(int)> &action) {
    for (int i = 0; i < Rounds; i++) action(i);
    last = nullptr;
}

} // namespace shop

int main() {
    using namespace shop;
    for (int i = 0; i < Rounds; i++) Box<int>::Fill(100);
    expect(Rounds * 400, "main > shop::Box<int>::Fill(unsigned long)");
    for (int i = 0; i < Rounds; i++) Box<std::pair<double, char>>::Fill(100);
    expect(Rounds * 1600, "main > shop::Box<std::pair<double, char> >::Fill(unsigned long)");

    std::unique_ptr<Shape> shape = std::make_unique<Circle>();
    for (int i = 0; i < Rounds; i++) shape->Draw(200);
    expect(Rounds * 800, "main > shop::Circle::Draw(int) const");

    for (int i = 0; i < Rounds; i++) Handle();
    expect(Rounds * 7000, "main > shop::Handle() > *vector<char*");
    expect(Rounds * 3001, "main > shop::Handle() > shop::Describe(std::exception const&) > *basic_string<char*");

    for (int i = 0; i < Rounds; i++) Swallow();
    expect(Rounds * 4500, "main > shop::Swallow() > shop::ThrowThroughCleaner() > shop::Cleaner::~Cleaner()");

    Each([](int) { Box<short>::Fill(450); });
    expect(Rounds * 900, "main > shop::Each(*) > *std::function<void (int)>::operator()* > shop::Box<short>::Fill(unsigned long)");

    std::thread thread([] {
        for (int i = 0; i < Rounds; i++) Box<long>::Fill(100);
    });
    thread.join();
    expect(Rounds * 800, "start_thread > *lambda()* > shop::Box<long>::Fill(unsigned long)");
    return 0;
}
