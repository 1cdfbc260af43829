using System;

namespace Lampyris;

/// <summary>What the purger can be asked to do at once.</summary>
[Flags]
public enum PurgerErrand
{
    /// <summary>Visit the pages of threads that sleep or have ended, idle or not.</summary>
    SleepersPages = 1,
    /// <summary>Give back the free slices that are too many, see `Squeeze`.</summary>
    FreeSlices = 2,
}
