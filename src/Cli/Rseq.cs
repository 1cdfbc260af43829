namespace Lampyris.Cli;

// Restartable sequences: the kernel has one such area for each thread. glibc registers its own at a thread's start;
// google's tcmalloc wants it for its per-CPU caches and silently does without them when it is taken.
internal static class Rseq
{
    const string Variable = "GLIBC_TUNABLES", Tunable = "glibc.pthread.rseq";

    /// <summary>Tells glibc to leave the area alone, unless the user has said something about it already.</summary>
    public static void LeaveToAllocator(ChildEnvironment environment)
    {
        string existing = environment.Get(Variable) ?? "";
        if (existing.Contains(Tunable)) return;
        environment.Set(Variable, existing.Length == 0 ? $"{Tunable}=0" : $"{existing}:{Tunable}=0");
    }
}
