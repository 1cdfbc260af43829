// Ruby, Lua and PHP. PHP opens its extensions with RTLD_DEEPBIND, which sends a library's malloc past any preload.
using System.Collections.Generic;

namespace Lampyris.Programs.Tests;

public class ScriptLanguageTests
{
    [Fact]
    public void RubyGivesTheSameFromItsThreadsAndForks() => Compare.WithAndWithout(scene =>
    {
        scene.Bring("churn.rb");
        return scene.Run("ruby", "churn.rb");
    });

    [Fact]
    public void LuaGivesTheSameFromBothCollectors() => Compare.WithAndWithout(scene =>
    {
        scene.Bring("churn.lua");
        return scene.Run("lua5.4", "churn.lua");
    });

    [Theory]
    [InlineData("1")]
    [InlineData("0")] // each value of a script goes to malloc
    public void PhpSurvivesExtensionsThatAreBoundDeep(string useItsOwnAllocator) => Compare.WithAndWithout(scene =>
    {
        scene.Bring("churn.php");
        Dictionary<string, string> environment = new() { ["USE_ZEND_ALLOC"] = useItsOwnAllocator };
        return scene.Run(new Command("php", "-d", "memory_limit=1G", "churn.php") { Environment = environment }).Text;
    });
}
