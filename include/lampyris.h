// Lampyris: what a program can ask of the allocator besides malloc and free. Optional: a program
// needs neither this header nor any change to run on Lampyris.
#ifndef LAMPYRIS_H
#define LAMPYRIS_H

#include <stddef.h>

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

// Copies the heap's figures to `into`: a HeapSnapshot, laid out as in src/Heap/HeapSnapshot.cs.
// Returns the bytes of a whole snapshot; copies no more than `bytes` of it.
size_t lampyris_snapshot(void *into, size_t bytes);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
