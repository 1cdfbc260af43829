using System;
using System.IO;
using System.Linq;
using System.Text;
using Xunit;

namespace Lampyris.Cli.Tests;

// The small texts that we take apart: each from the kernel, the loader or the caller.
public class ParsingTests
{
    [Theory]
    [InlineData("7f00-7f10 r-xp 00001000 08:01 1234                       /usr/lib/a b.so", 0x7f00, 0x1000, 1234, "/usr/lib/a b.so")]
    [InlineData("ffffffff80000000-ffffffff80001000 r--p 0 fd:00 18446744073709551615 /x (deleted)", 0xffffffff80000000, 0, ulong.MaxValue, "/x (deleted)")]
    public void AMappingOfAFileIsRead(string line, ulong start, ulong offset, ulong inode, string path)
    {
        Assert.True(ProcessMaps.TryParse(line, out FileMapping mapping));
        Assert.Equal((start, offset, inode, path), (mapping.Start, mapping.Offset, mapping.Inode, mapping.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("7f00-7f10 rw-p 00000000 00:00 0 ")]
    [InlineData("7f00-7f10 rw-p 00000000 00:00 0                          [heap]")]
    [InlineData("7f00 rw-p 00000000 00:00 0 /x")]
    [InlineData("7f00-7g10 rw-p 00000000 00:00 0 /x")]
    [InlineData("7f00-7f10 rw-p 00000000 00:00 -1 /x")]
    [InlineData("11112222333344445-7f10 rw-p 00000000 00:00 0 /x")]
    public void OtherLinesAreNoFileMappings(string line) => Assert.False(ProcessMaps.TryParse(line, out _));

    [Fact]
    public void ADeletedFileKeepsItsName()
    {
        Assert.True(ProcessMaps.TryParse("1-2 r--p 0 00:00 5 /tmp/liblampyris.so (deleted)", out FileMapping mapping));
        Assert.Equal("liblampyris.so", mapping.FileName);
    }

    [Fact]
    public void OurOwnStatusMakesSense()
    {
        ProcessStatus status = ProcessStatus.Read(Environment.ProcessId)!.Value;
        Assert.InRange(status.RssBytes, 1ul << 20, 1ul << 40);
        Assert.InRange(status.PeakRssBytes, status.RssBytes / 2, 1ul << 40);
        Assert.InRange(status.ThreadCount, 1, 10_000);
        Assert.Null(ProcessStatus.Read(4_194_000));
    }

    [Fact]
    public void TheLoadersCacheKnowsTheCLibrary() => Assert.EndsWith("/libc.so.6", LoaderCache.Find("libc.so.6"), StringComparison.Ordinal);

    [Fact]
    public void ADamagedCacheKnowsNothing()
    {
        byte[] cache = File.ReadAllBytes("/etc/ld.so.cache");
        var random = new Random(7);
        for (int i = 0; i < 300; i++)
        {
            byte[] damaged = cache[..random.Next(cache.Length)];
            for (int change = 0; change < 20 && damaged.Length > 0; change++) damaged[random.Next(Math.Min(damaged.Length, 4096))] = (byte)random.Next(256);
            LoaderCache.Find(damaged, "libc.so.6");
        }
        Assert.Null(LoaderCache.Find([], "libc.so.6"));
    }

    [Fact]
    public void StringsAreSplitAtZeroBytes()
    {
        string[] Split(string text) => RawArguments.Split(Encoding.UTF8.GetBytes(text)).Select(part => Encoding.UTF8.GetString(part)).ToArray();
        Assert.Equal(["a", "", "b c"], Split("a\0\0b c\0"));
        Assert.Equal(["a", "cut"], Split("a\0cut"));
        Assert.Equal([""], Split("\0"));
        Assert.Empty(Split(""));
    }

    [Fact]
    public void WhatBashDidToTheEnvironmentIsUndone()
    {
        ChildEnvironment environment = ChildEnvironment.FromBlock("A=1\0_=/usr/bin/env\0SHLVL=0\0PWD=/real\0N=9 0 0 1024 -\0N__=caller\0N_PWD=/caller\0N_DOTNET_x=y\0"u8);

        environment.RestoreCallersOwn("N");
        environment.RemoveNotes("N");

        Assert.Equal(["A=1", "_=caller", "PWD=/caller", "DOTNET_x=y"], environment.Entries.Select(entry => Encoding.UTF8.GetString(entry)));
    }

    [Theory]
    [InlineData(null, "/l/a.so")]
    [InlineData("", "/l/a.so")]
    [InlineData("/x.so /y.so", "/l/a.so:/x.so /y.so")]
    [InlineData("/l/a.so:/x.so", "/l/a.so:/x.so")]
    [InlineData("/x.so:/l/a.so", "/l/a.so:/x.so:/l/a.so")]
    public void TheLibraryIsPreloadedFirst(string? existing, string expected)
    {
        ChildEnvironment environment = ChildEnvironment.FromBlock(existing is null ? [] : Encoding.UTF8.GetBytes($"LD_PRELOAD={existing}\0"));
        PreloadVariable.Prepend(environment, "/l/a.so");
        Assert.Equal(expected, environment.Get("LD_PRELOAD"));
    }

    [Theory]
    [InlineData("", "glibc.pthread.rseq=0")]
    [InlineData("glibc.malloc.check=1", "glibc.malloc.check=1:glibc.pthread.rseq=0")]
    [InlineData("glibc.pthread.rseq=1", "glibc.pthread.rseq=1")]
    public void TheRseqAreaIsLeftToTcmalloc(string existing, string expected)
    {
        ChildEnvironment environment = ChildEnvironment.FromBlock(Encoding.UTF8.GetBytes($"GLIBC_TUNABLES={existing}\0"));
        Rseq.LeaveToAllocator(environment);
        Assert.Equal(expected, environment.Get("GLIBC_TUNABLES"));
    }

    [Fact]
    public void OnlyGooglesTcmallocUsesRseq()
    {
        using var scratch = new Scratch();
        string google = scratch.Compile("libgoogle.so", "void *malloc(unsigned long n) { (void)n; return 0; } int __rseq_abi;", "-shared", "-fPIC", "-fno-builtin");
        string other = scratch.Compile("libother.so", "void *malloc(unsigned long n) { (void)n; return 0; }", "-shared", "-fPIC", "-fno-builtin");
        Assert.True(AllocatorCatalog.Find(google).UsesRseq);
        Assert.False(AllocatorCatalog.Find(other).UsesRseq);
    }
}
