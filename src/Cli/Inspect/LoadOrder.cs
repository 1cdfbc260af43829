using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Lampyris.Analysis;

namespace Lampyris.Cli;

/// <summary>What the loader would be told besides the program.</summary>
/// <param name="Preload">LD_PRELOAD; empty where it is not set.</param>
/// <param name="LibraryPath">LD_LIBRARY_PATH; empty where it is not set.</param>
/// <param name="IsBindNow">True when LD_BIND_NOW is set: nothing is lazy then.</param>
internal readonly record struct LoaderSettings(string Preload, string LibraryPath, bool IsBindNow)
{
    public const string PreloadFile = "/etc/ld.so.preload";

    public static LoaderSettings Of(ChildEnvironment environment) =>
        new(environment.Get(PreloadVariable.Name) ?? "", environment.Get("LD_LIBRARY_PATH") ?? "", environment.Get("LD_BIND_NOW") is { Length: > 0 });

    /// <summary>Those that a process was started with; none where its environment can't be read.</summary>
    public static LoaderSettings Of(int processId)
    {
        try
        {
            return Of(ChildEnvironment.FromBlock(File.ReadAllBytes($"/proc/{processId}/environ")));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return new("", "", false);
        }
    }

    /// <summary>The preloaded libraries in their order: first those of the variable, then those of the file.</summary>
    public IReadOnlyList<string> Preloaded => [.. PreloadVariable.Split(Preload), .. OfFile()];

    /// <summary>What names a preloaded file; empty where nothing does.</summary>
    public string PreloaderOf(LoadedObject each) =>
        PreloadVariable.Split(Preload).Any(name => Names(name, each)) ? PreloadVariable.Name : OfFile().Any(name => Names(name, each)) ? PreloadFile : "";

    static bool Names(string name, LoadedObject each) => each.Answers(name) || Path.GetFileName(name) == each.FileName;

    /// <summary>The names in the loader's file.</summary>
    public static string[] OfFile()
    {
        try
        {
            return File.ReadAllText(PreloadFile).Split([' ', ':', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [];                  // nearly no machine has one
        }
    }
}

// All that the loader would bring in for a program, in its order: the program, what is preloaded, and then, breadth
// first, what each of them needs. That order decides who serves a function that several define.
internal sealed class LoadOrder
{
    const int MaxObjects = 2048;

    readonly List<LoadedObject> _objects = [];
    readonly List<string> _missing = [], _ignored = [];

    public IReadOnlyList<LoadedObject> Objects => _objects;

    /// <summary>Names of libraries that were not found.</summary>
    public IReadOnlyList<string> Missing => _missing;

    /// <summary>Preloaded names that were not found; the loader warns and goes on.</summary>
    public IReadOnlyList<string> IgnoredPreloads => _ignored;

    public static LoadOrder Of(LoadedObject subject, LoaderSettings settings)
    {
        var order = new LoadOrder();
        order._objects.Add(subject);
        if (subject.IsStatic) return order;
        var search = new LibrarySearch(subject.Elf.Interpreter, settings.LibraryPath);
        foreach (string name in PreloadVariable.Split(settings.Preload)) order.Add(name, subject, search, LoadReason.Preloaded, PreloadVariable.Name);
        foreach (string name in LoaderSettings.OfFile()) order.Add(name, subject, search, LoadReason.Preloaded, LoaderSettings.PreloadFile);
        for (int i = 0; i < order._objects.Count && order._objects.Count < MaxObjects; i++)
        {
            LoadedObject each = order._objects[i];
            foreach (string name in each.Dynamic?.Needed ?? []) order.Add(name, each, search, LoadReason.Needed);
        }
        if (subject.Elf.Interpreter is { Length: > 0 } interpreter)
        {
            order.Add(interpreter, subject, search, LoadReason.Loader);
            // Found under its bare name when libc needs it; it is the program's loader all the same.
            if (order._objects.Find(each => each.FileName == Path.GetFileName(interpreter)) is { Reason: LoadReason.Needed } loader) loader.Reason = LoadReason.Loader;
        }
        return order;
    }

    void Add(string name, LoadedObject neededBy, LibrarySearch search, LoadReason reason, string preloader = "")
    {
        if (_objects.Exists(each => each.Answers(name)) || _missing.Contains(name)) return;
        List<string> absent = reason == LoadReason.Preloaded ? _ignored : _missing;
        if (search.Find(name, neededBy) is not { } path)
        {
            absent.Add(name);
            return;
        }
        (ulong, ulong) identity = Identity(path);
        if (_objects.Exists(each => Identity(each.Path) == identity)) return;
        using FileBytes? file = FileBytes.Open(path);
        if (file is null || LoadedObject.Read(file, path) is not { } found)
        {
            absent.Add(name);
            return;
        }
        found.Reason = reason;
        if (reason == LoadReason.Preloaded) found.Preloader = preloader;
        if (reason == LoadReason.Needed) found.NeededBy = neededBy;
        _objects.Add(found);
    }

    /// <summary>What two paths of one file have in common, over whatever links they lead.</summary>
    static (ulong Inode, ulong Bytes) Identity(string path) =>
        Linux.TryStatus(Bytes.OfText(path), out Linux.FileStatus status) ? (status.Inode, status.SizeBytes) : default;
}
