// A program that brings its own operator new and delete: they win over the preloaded library's.
#include "support/case.h"
#include "support/process.h"
#include <new>
#include <string>
#include <vector>

static long made, dropped;

void *operator new(size_t bytes)
{
    made++;
    if (void *block = malloc(bytes ? bytes : 1)) return block;
    throw std::bad_alloc();
}
void operator delete(void *block) noexcept
{
    dropped += block != nullptr;
    free(block);
}
void operator delete(void *block, size_t) noexcept { operator delete(block); }

CASE(own_operators_win, "a program's own operator new is called by its own code and by libstdc++, and works on our malloc")
{
    {
        std::vector<std::string> words;
        for (int i = 0; i < 1000; i++) words.push_back(std::string(100, 'x') + std::to_string(i));
    }
    EXPECT(made >= 1000 && made == dropped, "%ld made, %ld dropped", made, dropped);
    std::string text(500, 'y'); // libstdc++'s own code allocates here
    text.append(5000, 'z');
    EXPECT(made > 1000, "%ld made", made);
}
