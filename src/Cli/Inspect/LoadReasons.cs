using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Lampyris.Cli;

// Why each file is in a process. Its loader does not keep that; the environment the process began with, and what each
// file needs, tell it.
internal static class LoadReasons
{
    public static void Explain(List<LoadedObject> objects, LoaderSettings settings)
    {
        IReadOnlyList<string> preloaded = settings.Preloaded;
        foreach (LoadedObject each in objects.Skip(1))
        {
            LoadedObject? needer = objects.Find(other => other != each && other.Dynamic is { } dynamic && dynamic.Needed.Any(each.Answers));
            bool isPreloaded = preloaded.Any(name => each.Answers(name) || Path.GetFileName(name) == each.FileName);
            bool isLoader = objects[0].Elf.Interpreter is { Length: > 0 } interpreter && each.Answers(Path.GetFileName(interpreter));
            each.Reason = isPreloaded ? LoadReason.Preloaded : isLoader ? LoadReason.Loader : needer is not null ? LoadReason.Needed : LoadReason.Opened;
            if (each.Reason == LoadReason.Needed) each.NeededBy = needer;
        }
    }
}
