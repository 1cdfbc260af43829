using Xunit;

namespace Lampyris.Preload.Tests;

/// <summary>Threads that start and end by the thousand, with destructors that allocate.</summary>
public sealed class ThreadTests : ProgramTests
{
    [Theory, CasesOf("threads")]
    public void Threads(string name) => RunCase("threads", name);

    [Theory, CasesOf("thread_objects")]
    public void ThreadObjects(string name) => RunCase("thread_objects", name);
}
