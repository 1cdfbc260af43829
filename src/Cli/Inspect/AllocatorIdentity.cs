using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Lampyris.Analysis;

namespace Lampyris.Cli;

/// <summary>A malloc that is known by name.</summary>
/// <param name="Markers">Names that only this one defines; one is enough.</param>
/// <param name="Texts">What only this one would say; for a static program without symbols. Empty: none is known.</param>
/// <param name="FromKernel">The system calls it takes memory with, and for what.</param>
internal sealed record KnownAllocator(string Name, string[] Markers, string[] Texts, (string Call, string Meaning)[] FromKernel);

// Which allocator a file with a malloc brings, told by names that nobody else has. Wrappers that define all of another
// one's names come first.
internal static class AllocatorIdentity
{
    static readonly (string, string) s_mmap = ("mmap", "takes large regions and divides them");
    static readonly (string, string) s_madvise = ("madvise", "gives memory back that lies free");

    static readonly KnownAllocator[] s_known =
    [
        new("lampyris", ["lampyris_root"], ["LAMPYRIS_PURGE_DELAY_MS"],
            [("mmap", "takes arenas ahead; a very large block has a mapping of its own"), s_madvise]),
        new("sanitizer", ["__asan_init", "__tsan_init", "__msan_init", "__lsan_init", "__hwasan_init"], ["ERROR: AddressSanitizer"], [s_mmap]),
        new("scudo", ["__scudo_default_options"], ["Scudo ERROR"], [s_mmap]),
        new("jemalloc", ["mallctl", "je_mallctl", "_rjem_mallctl"], ["<jemalloc>: "], [s_mmap, s_madvise]),
        new("mimalloc", ["mi_malloc", "mi_version"], ["mimalloc: error: "], [s_mmap, s_madvise]),
        new("tcmalloc", ["tc_malloc", "MallocExtension_Internal_GetStats", "TCMalloc_Internal_ForceCpuCacheActivation", "_ZN13MallocExtension8instanceEv"],
            ["tcmalloc: large alloc"], [("brk", "first, where the build uses it"), s_mmap, s_madvise]),
        new("musl", ["__libc_malloc_impl", "__malloc_size_classes", "__expand_heap", "__dls3"], [], [("brk", "a few pages for its own tables"), ("mmap", "takes groups of blocks; a large block has a mapping of its own")]),
        new("glibc", ["_int_malloc", "__libc_memalign", "gnu_get_libc_version"], ["malloc(): corrupted top size"],
            [
                ("brk", "below 128 KiB: moves the end of the heap, in steps of 132 KiB and more"),
                ("mmap", "from 128 KiB on: a mapping of its own, which free unmaps; the limit grows up to 32 MiB with what is freed. Also the heaps of other threads"),
            ]),
    ];

    public static IEnumerable<string> Markers => s_known.SelectMany(known => known.Markers);

    /// <summary>The allocator among whose names are <paramref name="defined"/>; null when nothing tells.</summary>
    public static KnownAllocator? Of(IReadOnlySet<string> defined, string fileName)
    {
        if (fileName.StartsWith("ld-musl-", StringComparison.Ordinal) || fileName.StartsWith("libc.musl-", StringComparison.Ordinal)) return Named("musl");
        return s_known.FirstOrDefault(known => known.Markers.Any(defined.Contains));
    }

    public static KnownAllocator? Named(string name) => s_known.FirstOrDefault(known => known.Name == name);

    /// <summary>The allocator that the messages in a program give away; null when none does.</summary>
    public static KnownAllocator? OfTexts(IByteSource file)
    {
        const int PieceBytes = 64 * 1024, Overlap = 64, MaxPieces = 4096;
        var texts = s_known.SelectMany(known => known.Texts.Select(text => (known, Bytes: Encoding.UTF8.GetBytes(text)))).ToList();
        byte[] piece = new byte[PieceBytes];
        KnownAllocator? best = null;
        for (ulong i = 0; i < MaxPieces; i++)
        {
            int take = PieceBytes;
            while (take > 0 && !file.Read(i * (PieceBytes - Overlap), piece.AsSpan(0, take))) take /= 2;
            foreach ((KnownAllocator known, byte[] text) in texts)
                if (IsBefore(known, best) && piece.AsSpan(0, take).IndexOf(text) >= 0) best = known;
            if (take < PieceBytes) break;
        }
        return best;
    }

    static bool IsBefore(KnownAllocator known, KnownAllocator? other) =>
        other is null || Array.IndexOf(s_known, known) < Array.IndexOf(s_known, other);
}
