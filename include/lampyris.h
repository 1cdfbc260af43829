// Lampyris: what a program can ask of the allocator besides malloc and free. Optional: a program
// needs neither this header nor any change to run on Lampyris.
#ifndef LAMPYRIS_H
#define LAMPYRIS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Visible whatever -fvisibility the including program is built with.
#pragma GCC visibility push(default)

// The version of the library in use, as "0.1.0".
const char *lampyris_version(void);

// Walks the whole heap and checks every invariant of its design. 0 when all hold; otherwise one line
// on standard error says which does not. No other thread may use malloc meanwhile.
int lampyris_verify(void);

// What the heap looks like now. Counts and bytes since the start unless said otherwise; blocks count as
// whole blocks, which are a little larger than what was asked for.
struct lampyris_snapshot {
    uint64_t live_blocks;               // given out and not freed
    uint64_t live_bytes;
    uint64_t allocated_blocks;          // given out so far
    uint64_t allocated_bytes;
    uint64_t reserved_bytes;            // address space held
    uint64_t committed_bytes;           // of that, in use now: pages and large blocks
    uint64_t peak_committed_bytes;
    uint64_t retained_bytes;            // free, but not given back to the system yet
    uint64_t purged_bytes;              // given back so far
    uint64_t metadata_bytes;            // the heap's own bookkeeping
    uint64_t threads;                   // that have a cache now
};

// Fills in as much of the snapshot as fits into `bytes`, which is sizeof(struct lampyris_snapshot) of
// the caller's version of this header: later versions only append fields. Returns the bytes filled in.
size_t lampyris_snapshot(struct lampyris_snapshot *into, size_t bytes);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
