using System;
using System.Collections.Generic;
using System.IO;
using Lampyris.Analysis;

namespace Lampyris.Cli;

// The environment that the command will find, as raw bytes: exactly the caller's, but for what `run` sets.
internal sealed class ChildEnvironment
{
    /// <summary>Variables that bash sets or changes on its own, and one that the root script sets.</summary>
    public static readonly string[] ShellsOwn = ["_", "PWD", "OLDPWD", "SHLVL", "DOTNET_GCRegionRange"];

    readonly List<byte[]> _entries;

    ChildEnvironment(List<byte[]> entries) => _entries = entries;

    /// <summary>"NAME=VALUE" each, without a zero byte.</summary>
    public IReadOnlyList<byte[]> Entries => _entries;

    /// <summary>What this process was started with. The kernel's copy: nobody has decoded or changed it.</summary>
    public static ChildEnvironment Current() => FromBlock(File.ReadAllBytes("/proc/self/environ"));

    internal static ChildEnvironment FromBlock(ReadOnlySpan<byte> block) => new(RawArguments.Split(block));

    public string? Get(string name) => GetBytes(name) is { } value ? Bytes.ToText(value) : null;

    public byte[]? GetBytes(string name)
    {
        int index = IndexOf(name);
        return index < 0 ? null : _entries[index].AsSpan(name.Length + 1).ToArray();
    }

    public void Set(string name, string value) => Set(name, Bytes.OfText(value).AsSpan()[..^1]);

    public void Set(string name, ReadOnlySpan<byte> value)
    {
        byte[] entry = Bytes.Join(Bytes.OfText(name + "=").AsSpan()[..^1], value);
        int index = IndexOf(name);
        if (index < 0) _entries.Add(entry);
        else _entries[index] = entry;
    }

    public void Remove(string name)
    {
        for (int index = IndexOf(name); index >= 0; index = IndexOf(name)) _entries.RemoveAt(index);
    }

    /// <summary>
    /// Undoes what bash and the root script did: a variable noted in PREFIX_NAME is set again, and one of bash's own
    /// without such a note goes.
    /// </summary>
    public void RestoreCallersOwn(string prefix)
    {
        foreach (string name in ShellsOwn)
            if (GetBytes($"{prefix}_{name}") is null) Remove(name);
        ReadOnlySpan<byte> start = Bytes.OfText(prefix + "_").AsSpan()[..^1];
        foreach (byte[] entry in _entries.ToArray())
        {
            int equals = entry.AsSpan().IndexOf((byte)'=');
            if (entry.AsSpan().StartsWith(start) && equals > start.Length)
                Set(Bytes.ToText(entry.AsSpan(start.Length, equals - start.Length)), entry.AsSpan(equals + 1));
        }
    }

    /// <summary>Takes PREFIX and all of PREFIX_NAME out.</summary>
    public void RemoveNotes(string prefix)
    {
        Remove(prefix);
        byte[] start = Bytes.OfText(prefix + "_")[..^1];
        _entries.RemoveAll(entry => entry.AsSpan().StartsWith(start));
    }

    int IndexOf(string name)
    {
        ReadOnlySpan<byte> start = Bytes.OfText(name + "=").AsSpan()[..^1];
        for (int i = 0; i < _entries.Count; i++)
            if (_entries[i].AsSpan().StartsWith(start)) return i;
        return -1;
    }
}
