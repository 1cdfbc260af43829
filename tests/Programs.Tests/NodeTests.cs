// Node.js: worker threads with a V8 heap each, buffers that change their thread, zlib and crypto on the thread pool.
namespace Lampyris.Programs.Tests;

public class NodeTests
{
    [Fact]
    public void NodeGivesTheSameFromItsWorkerThreads() => Compare.WithAndWithout(scene =>
    {
        scene.Bring("workers.js");
        return scene.Run("node", "workers.js");
    });
}
