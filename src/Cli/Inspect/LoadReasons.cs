using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Lampyris.Cli;

// Why each file is in a process. Its loader does not keep that; the environment the process began with, what each file needs, and
// the order tell it. Some programs write their title over the environment: then what stands before all that the program needs must
// have been preloaded, as nothing else comes there.
internal static class LoadReasons
{
    public static void Explain(List<LoadedObject> objects, LoaderSettings settings)
    {
        LoadedObject subject = objects[0];
        int firstNeeded = objects.FindIndex(each => subject.Dynamic is { } dynamic && dynamic.Needed.Any(each.Answers));
        for (int i = 1; i < objects.Count; i++)
        {
            LoadedObject each = objects[i];
            LoadedObject? needer = objects.Find(other => other != each && other.Dynamic is { } dynamic && dynamic.Needed.Any(each.Answers));
            bool isLoader = subject.Elf.Interpreter is { Length: > 0 } interpreter && each.Answers(Path.GetFileName(interpreter));
            each.Preloader = settings.PreloaderOf(each);
            bool isPreloaded = each.Preloader.Length > 0 || i < firstNeeded && !isLoader;
            each.Reason = isPreloaded ? LoadReason.Preloaded : isLoader ? LoadReason.Loader : needer is not null ? LoadReason.Needed : LoadReason.Opened;
            if (each.Reason == LoadReason.Needed) each.NeededBy = needer;
        }
    }
}
