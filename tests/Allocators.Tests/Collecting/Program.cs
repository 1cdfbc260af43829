using System;
using System.Diagnostics;
using System.Threading;
using Lampyris;
using Lampyris.Tests;

// Threads on the built-in heap while the garbage collector stops them all the time and the purger comes by: the runtime may halt a
// thread between any two instructions, and the heap must not take it for asleep in the middle of its own. Published trimmed and
// ahead of time as well.
//   collecting SECONDS
// Prints `ok` and exits with 0 when every block held what was written to it and the heap is whole.

const int Threads = 6;

int seconds = int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture);
Worker[] workers = new Worker[Threads];
for (int i = 0; i < Threads; i++) workers[i] = new Worker((ulong)i + 1);
int collections = 0;
for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; collections++)
{
    GC.Collect(collections % 3 == 0 ? GC.MaxGeneration : 0, GCCollectionMode.Forced, blocking: true);
    Thread.SpinWait(20_000);
}
long operations = 0;
foreach (Worker worker in workers) operations += worker.Stop();
if (HeapCheck.Verify() != 0) return 1;
Console.WriteLine($"ok: {operations} operations, {collections} collections; {GlobalAllocator.Status()}");
return 0;
