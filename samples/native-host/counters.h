// How much each thread allocates and frees, by size: 20 buckets, the first for all sizes, then up to 256 bytes, up to 512,
// and so on, the last for all beyond. A thread reports once it has moved MEMORY_METRIC_REPORT_INTERVAL bytes (100 MB); each
// report is a line on stderr as well, with the thread as its tag, where MEMORY_METRIC_THREAD_COUNTER is set.
#ifndef NATIVE_HOST_COUNTERS_H
#define NATIVE_HOST_COUNTERS_H

#include <cstddef>

namespace counters {

void allocated(std::size_t size);
void deallocated(std::size_t size);
void stop();

// Reports what the calling thread has counted; for its end.
void report();

// Everything reported so far under the names of the metrics, one line each.
void print();

}

#endif
