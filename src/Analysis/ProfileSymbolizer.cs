using System;
using System.Collections.Generic;
using System.Linq;

namespace Lampyris.Analysis;

// Writes the names of all addresses of a profile into the profile itself, while the files and the runtime's own account of its
// methods are at hand: from then on it says everything on any machine.
public static class ProfileSymbolizer
{
    /// <summary>Appends a Symbol record for each address that has none; returns how many addresses were named.</summary>
    /// <param name="path">the profile</param>
    /// <param name="trace">what the process's .NET runtime said; null where it has none</param>
    /// <param name="progress">told now and then: addresses done, addresses in all</param>
    /// <exception cref="ProfileException">the file can't be read or written</exception>
    public static int AppendNames(string path, DotNetTrace? trace, Action<int, int>? progress = null)
    {
        Profile profile = ProfileReader.Read(path);
        var modules = profile.Modules.Select(module => new SymbolModule(module.Start, module.End, module.Bias, module.Path, Convert.FromHexString(module.BuildId)));
        var names = new SymbolTable(modules, trace);
        var addresses = new HashSet<ulong>(profile.Sites.SelectMany(site => site.Addresses));
        using ProfileAppender appender = ProfileAppender.Open(path);
        int done = 0;
        foreach (ulong address in addresses.Order())
        {
            appender.AddSymbol(address, names.Resolve(address));
            if (++done % 256 == 0) progress?.Invoke(done, addresses.Count);
        }
        return done;
    }
}
