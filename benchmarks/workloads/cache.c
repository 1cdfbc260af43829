// Cache: four threads share one hash map of keys and values with a byte limit: whoever inserts evicts the least
// recently used entries of the shard, whichever thread allocated them. Hits check the value.
#include "workload.h"

enum { Threads = 4, Shards = 32, Buckets = 2048, Keys = 120000, ShardLimitBytes = 1536 * 1024 };

struct entry
{
    struct entry *next;             // in the bucket
    struct entry *newer, *older;    // in the shard's order of use
    char *key;
    void *value;                    // a marked block
};

struct shard
{
    pthread_mutex_t lock;
    struct entry *buckets[Buckets];
    struct entry *newest, *oldest;
    size_t bytes;                   // of all values
};

static struct shard shards[Shards];
static long lookups_of_a_thread;

static uint64_t hash_of(const char *key)
{
    uint64_t hash = 14695981039346656037ULL;
    for (; *key != 0; key++) hash = (hash ^ (unsigned char)*key) * 1099511628211ULL;
    return hash ^ hash >> 29;
}

static void unlink_use(struct shard *shard, struct entry *entry)
{
    *(entry->newer != NULL ? &entry->newer->older : &shard->newest) = entry->older;
    *(entry->older != NULL ? &entry->older->newer : &shard->oldest) = entry->newer;
}

static void link_newest(struct shard *shard, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = shard->newest;
    *(shard->newest != NULL ? &shard->newest->newer : &shard->oldest) = entry;
    shard->newest = entry;
}

static struct entry **bucket_of(struct shard *shard, const char *key) { return &shard->buckets[hash_of(key) / Shards % Buckets]; }

static struct entry *find(struct shard *shard, const char *key)
{
    struct entry *entry = *bucket_of(shard, key);
    while (entry != NULL && strcmp(entry->key, key) != 0) entry = entry->next;
    return entry;
}

static void evict_oldest(struct shard *shard)
{
    struct entry *entry = shard->oldest;
    struct entry **link = bucket_of(shard, entry->key);
    while (*link != entry) link = &(*link)->next;
    *link = entry->next;
    unlink_use(shard, entry);
    shard->bytes -= check_marked(entry->value);
    free_marked(entry->value);
    free(entry->key);
    free(entry);
}

static void insert(struct shard *shard, const char *key, void *value)
{
    struct entry *entry = malloc(sizeof *entry);
    expect(entry != NULL, "malloc gives an entry");
    entry->key = strdup(key);
    expect(entry->key != NULL, "strdup gives a key");
    entry->value = value;
    struct entry **bucket = bucket_of(shard, key);
    entry->next = *bucket;
    *bucket = entry;
    link_newest(shard, entry);
    shard->bytes += check_marked(value);
    while (shard->bytes > ShardLimitBytes) evict_oldest(shard);
}

static size_t value_bytes(uint64_t *random)
{
    uint32_t kind = random_below(random, 100);
    return kind < 75 ? random_between(random, 32, 512) : kind < 98 ? random_between(random, 513, 4096) : random_between(random, 4097, 32768);
}

static void *work(void *argument)
{
    uint64_t random = seed_of(100 + (uint64_t)(intptr_t)argument);
    for (long i = 0; i < lookups_of_a_thread; i++)
    {
        uint32_t number = random_below(&random, Keys);
        if (number % 2 == 0) number = (uint32_t)((uint64_t)number * number / Keys); // some keys are asked for more often
        char key[32];
        snprintf(key, sizeof key, "user:%08u:profile", number);
        struct shard *shard = &shards[hash_of(key) % Shards];
        void *fresh = allocate_marked(value_bytes(&random)); // made outside of the lock, as a value would be
        pthread_mutex_lock(&shard->lock);
        struct entry *hit = find(shard, key);
        if (hit != NULL)
        {
            check_marked(hit->value);
            unlink_use(shard, hit);
            link_newest(shard, hit);
        }
        else insert(shard, key, fresh);
        pthread_mutex_unlock(&shard->lock);
        if (hit != NULL) free_marked(fresh);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    lookups_of_a_thread = scaled(700000, argc, argv);
    for (int i = 0; i < Shards; i++) pthread_mutex_init(&shards[i].lock, NULL);

    pthread_t threads[Threads];
    for (int i = 0; i < Threads; i++) threads[i] = start_thread(work, (void *)(intptr_t)i);
    for (int i = 0; i < Threads; i++) pthread_join(threads[i], NULL);

    for (int i = 0; i < Shards; i++)
        while (shards[i].oldest != NULL) evict_oldest(&shards[i]);
    return 0;
}
