namespace Lampyris.Cli;

internal enum AllocatorKind
{
    /// <summary>The C library's own: nothing is preloaded.</summary>
    System,

    /// <summary>Ours: it can be asked for figures.</summary>
    Lampyris,

    /// <summary>Any other library that brings a malloc.</summary>
    Other,
}

/// <summary>An allocator that a command can run on.</summary>
/// <param name="Name">As it is called on the command line and in reports: a name, or a file's name.</param>
/// <param name="LibraryPath">The absolute path of the library to preload; empty for the system's.</param>
/// <param name="UsesRseq">Google's tcmalloc: it wants the thread area that glibc registers for itself.</param>
internal sealed record Allocator(string Name, AllocatorKind Kind, string LibraryPath, bool UsesRseq)
{
    public static readonly Allocator System = new("system", AllocatorKind.System, "", false);

    /// <summary>How a sentence calls it.</summary>
    public string Title => Kind switch
    {
        AllocatorKind.System => "the system's malloc",
        AllocatorKind.Lampyris => "Lampyris",
        _ => Name,
    };
}
