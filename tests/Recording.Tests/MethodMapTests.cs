using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class MethodMapTests
{
    const ulong Base = 0x7F00_0000_0000;

    // The map as CoreCLR builds it: a nibble for a method's start, the start itself for each word that lies wholly in the method.
    static void Add(uint[] map, ulong offset, ulong bytes)
    {
        ulong nibble = offset / 32;
        map[nibble / 8] |= (uint)(1 + offset % 32 / 4) << (int)(28 - nibble % 8 * 4);
        for (ulong word = offset / 256 + 1; (word + 1) * 256 <= offset + bytes; word++)
            map[word] = (uint)(offset & ~15UL) + (uint)(offset & 15) / 4 + 9;
    }

    [Fact]
    public void EveryAddressInAMethodLeadsToItsStart()
    {
        var random = new Random(11);
        for (int round = 0; round < 50; round++)
        {
            uint[] map = new uint[4096];
            var methods = new List<(ulong Offset, ulong Bytes)>();
            ulong offset = (ulong)random.Next(1, 20) * 32;
            while (offset < 900_000)
            {
                ulong bytes = (ulong)(random.Next(5) == 0 ? random.Next(1, 20_000) : random.Next(1, 400));
                methods.Add((offset, bytes));
                Add(map, offset, bytes);
                // The next one begins in another 32 bytes.
                offset = (offset + bytes + (ulong)random.Next(0, 100) + 3 & ~3UL) + 32;
                if (random.Next(3) == 0) offset += 32 - offset % 32;
            }
            fixed (uint* place = map)
            {
                foreach ((ulong start, ulong bytes) in methods)
                    for (ulong at = 0; at < bytes; at += bytes > 500 ? 7UL : 1)
                        Assert.Equal(Base + start, MethodMap.Find(place, Base, Base + start + at));
                Assert.Equal(0UL, MethodMap.Find(place, Base, Base + methods.First().Offset - 1));
            }
        }
    }
}
