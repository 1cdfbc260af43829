// .NET on the allocator: the whole `dotnet build` (MSBuild, NuGet, the C# compiler), then the built program with threads.
namespace Lampyris.Programs.Tests;

public class DotNetTests
{
    [Fact]
    public void DotNetBuildsAProjectAndItsThreadsGiveTheSame() => Compare.WithAndWithout(scene =>
    {
        scene.Bring("threads");
        // Servers that outlive the command would serve the other run too.
        scene.Run("dotnet", "build", "threads", "-c", "Release", "--nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:DebugType=none", "-p:PathMap=" + scene.Directory + "=/src", "--disable-build-servers");
        return scene.Sha256("threads/bin/Release/net10.0/threads.dll") + "\n" + scene.Run("dotnet", "threads/bin/Release/net10.0/threads.dll");
    });
}
