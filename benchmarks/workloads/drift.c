// Drift: one thread over a long life. The typical size wanders up and down from era to era; when an era ends nearly
// all of its blocks die, but one in fifty stays for ten eras more: an allocator that can't reuse the holes between
// them grows without end.
#include "workload.h"

enum { BlocksInAnEra = 60000, Survivors = BlocksInAnEra / 50, ErasSurvived = 10 };

// Wanders 32, 64, ... 1024, ... 64, 32 and again, one step of a doubling's quarter an era.
static size_t typical_bytes(long era)
{
    long step = era % 40;
    if (step > 20) step = 40 - step;
    size_t doubling = (size_t)32 << (step / 4);
    return doubling + doubling / 4 * (size_t)(step % 4);
}

int main(int argc, char **argv)
{
    static void *young[BlocksInAnEra];
    static void *old[ErasSurvived][Survivors];
    uint64_t random = seed_of(9);
    long eras = scaled(160, argc, argv);
    for (long era = 0; era < eras; era++)
    {
        size_t typical = typical_bytes(era);
        for (int i = 0; i < BlocksInAnEra; i++)
        {
            size_t bytes = random_below(&random, 200) == 0 ? random_between(&random, 4096, 65536) : random_between(&random, typical / 2, typical * 3 / 2);
            young[i] = allocate_marked(bytes);
            if (i % 3 != 0) continue; // some churn inside the era
            void **earlier = &young[random_below(&random, (uint32_t)i + 1)];
            free_marked(*earlier);
            *earlier = allocate_marked(random_between(&random, typical / 2, typical * 3 / 2));
        }
        void **grave = old[era % ErasSurvived];
        for (int i = 0; i < Survivors; i++) free_marked(grave[i]);
        for (int i = 0; i < BlocksInAnEra; i++)
        {
            if (i % 50 == 0) grave[i / 50] = young[i];
            else free_marked(young[i]);
        }
    }
    for (int i = 0; i < ErasSurvived; i++)
        for (int j = 0; j < Survivors; j++) free_marked(old[i][j]);
    return 0;
}
