using System.Collections.Generic;
using System.Linq;
using Lampyris.Analysis;

namespace Lampyris.Reporting;

internal static class ImageOffset
{
    /// <summary>Bytes from the beginning of the ELF file to where a module's area begins, as /proc/PID/maps has it.</summary>
    public static ulong Of(ProfileModule module, IReadOnlyList<ProfileModule> modules) =>
        module.Bias != 0
            ? module.Start - module.Bias
            // A program for a fixed address: its first area is the file's beginning.
            : module.Start - modules.Where(other => other.Path == module.Path).Min(other => other.Start);
}
