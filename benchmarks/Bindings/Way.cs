using System;

namespace Lampyris.Benchmarks;

/// <summary>A way from a program to an allocator.</summary>
/// <param name="From">The program's language.</param>
/// <param name="Turn">Allocates and frees 64 bytes so many times; the CPU nanoseconds of one pair.</param>
sealed record Way(string Name, string From, Func<int, double> Turn);
