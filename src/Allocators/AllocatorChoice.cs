using System;
using System.Threading;

namespace Lampyris;

// Which allocator serves this process, decided once, by the first call that needs one:
//
//  1. the one that the program gave to `GlobalAllocator.Use`;
//  2. else the plugin that the environment variable MEMORY_ALLOCATOR_LIB_PATH names;
//  3. else the built-in heap.
//
// A plugin that can't serve is replaced by the system allocator, with one line on stderr, or in strict mode refused.
static class AllocatorChoice
{
    const string StrictSwitch = "Lampyris.Strict", StrictVariable = "LAMPYRIS_STRICT";

    static readonly Lock s_lock = new();
    static OtherAllocator? s_wanted;            // what `Use` was given; all under `s_lock`
    static bool s_isMade;
    static bool? s_strict;
    static bool s_counts;

    public static bool IsMade
    {
        get { lock (s_lock) return s_isMade; }
    }

    /// <summary>See <see cref="GlobalAllocator.Strict"/>.</summary>
    public static bool Strict
    {
        get
        {
            lock (s_lock)
                return s_strict ?? (AppContext.TryGetSwitch(StrictSwitch, out bool on) ? on : Environment.GetEnvironmentVariable(StrictVariable) == "1");
        }
        set
        {
            lock (s_lock)
            {
                CheckIsOpen();
                s_strict = value;
            }
        }
    }

    public static void Use(string path)
    {
        lock (s_lock)
        {
            CheckIsOpen();
            try
            {
                s_wanted = LoadPlugin(path);
            }
            catch (PluginLoadException failure) when (!Strict)
            {
                s_wanted = FallBack(failure);
            }
        }
    }

    public static void Use(OtherAllocator allocator)
    {
        lock (s_lock)
        {
            CheckIsOpen();
            s_wanted = allocator;
            Announce(allocator);
        }
    }

    /// <summary>Whatever serves, counts; see `AllocatorMetrics`.</summary>
    public static void Count()
    {
        lock (s_lock)
        {
            CheckIsUnused();
            s_counts = true;
        }
    }

    /// <summary>Makes the choice for good; null is the built-in heap. Called once, see `Chosen`.</summary>
    public static OtherAllocator? Make()
    {
        lock (s_lock)
        {
            s_isMade = true;
            OtherAllocator? chosen = s_wanted ?? FromEnvironment();
            return s_counts || AllocatorMetrics.IsAskedForFromOutside ? new CountedAllocator(chosen ?? new HeapAllocator()) : chosen;
        }
    }

    static OtherAllocator? FromEnvironment()
    {
        string variable = System.Text.Encoding.UTF8.GetString(PluginContract.PathVariable);
        string? path = Environment.GetEnvironmentVariable(variable);
        if (path == null) return null;
        try
        {
            if (path.Length == 0) throw new PluginLoadException($"the variable {variable} is empty");
            return LoadPlugin(path);
        }
        catch (PluginLoadException failure)
        {
            return Strict ? new RefusedAllocator(failure) : FallBack(failure);
        }
    }

    static PluginAllocator LoadPlugin(string path)
    {
        PluginAllocator plugin = PluginLoader.Load(path);
        AllocatorEvents.Log.PluginLoaded(path);
        Announce(plugin);
        return plugin;
    }

    // The contract: the host prints the status of what it has loaded, and shuts it down when the process exits.
    static void Announce(OtherAllocator allocator)
    {
        ErrorLine.Write($"{allocator.Name}: {StatusText.Of(allocator)}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => GlobalAllocator.Shutdown();
    }

    static ManagedAllocator<SystemAllocator> FallBack(PluginLoadException failure)
    {
        ErrorLine.Write($"{failure.Message}; the system allocator takes its place");
        return new(default);
    }

    static void CheckIsUnused()
    {
        if (s_isMade) throw new InvalidOperationException("The allocator has been in use already: it is chosen before the first allocation.");
    }

    static void CheckIsOpen()
    {
        CheckIsUnused();
        if (s_wanted != null) throw new InvalidOperationException($"The allocator has been chosen already: {s_wanted.Name}.");
    }
}

// The choice as the fast paths read it. The runtime runs the initializers once, before the first access, whichever
// thread comes first; from then on the fields never change, so optimized code holds their values, and not the test.
static class Chosen
{
    /// <summary>Null: the built-in heap.</summary>
    public static readonly OtherAllocator? Other = AllocatorChoice.Make();
    public static readonly bool IsBuiltIn = Other == null;
}
