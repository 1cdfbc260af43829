// C++ objects that live longer than main: statics, thread-locals of the main thread, and threads still running.
#include "support/case.h"
#include "support/process.h"
#include <atomic>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

static int destroyed;

struct report
{
    // Made before the statics below and so destroyed after them.
    ~report()
    {
        if (destroyed != 0) say("%d objects destroyed", destroyed);
    }
};
__attribute__((init_priority(101))) static report at_the_end;

struct record
{
    std::map<std::string, std::vector<int>> data;
    record()
    {
        for (int i = 0; i < 500; i++) data["key " + std::to_string(i)].assign(20, i);
    }
    ~record()
    {
        for (int i = 0; i < 500; i++)
            EXPECT(data["key " + std::to_string(i)].at(7) == i, "key %d holds another value at the end", i);
        data["new at the end"].assign(100000, 1);
        destroyed++;
    }
};

__attribute__((init_priority(102))) static record first_made;
static record made_before_main;
static thread_local std::unique_ptr<record> of_this_thread;
static record &made_in_main()
{
    static record one;
    return one;
}

CASE(static_objects, "static and thread-local objects made before and in main are destroyed on a working heap", ENDS("4 objects destroyed\n"))
{
    of_this_thread = std::make_unique<record>();
    EXPECT(made_in_main().data.size() == 500, "%zu entries", made_in_main().data.size());
}

CASE(threads_run_on_at_exit, "a process ends well while its threads are still allocating", ENDS("2 objects destroyed\n"))
{
    static std::atomic<int> started;
    threads_run_on = 1;
    for (int i = 0; i < 6; i++)
        std::thread([] {
            started++;
            for (;;)
            {
                std::vector<std::string> words;
                for (int j = 0; j < 200; j++) words.push_back(std::string((size_t)j * 17 % 5000, 'x'));
            }
        }).detach();
    while (started < 6) sleep_ms(1);
    sleep_ms(20);
}

CASE(streams_flush_at_exit, "what cout and a FILE with its own big buffer still hold is written at the end",
     ENDS("from cout\n2 objects destroyed\nfrom stdio\n"))
{
    static char *buffer = (char *)malloc(1 << 20);
    setvbuf(stdout, buffer, _IOFBF, 1 << 20);
    std::ios::sync_with_stdio(false);
    printf("from stdio\n");
    std::cout << "from cout\n";
}
