using System;
using System.Text;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class JsonTextTests
{
    const string Text = """
        {"version": 0, "skip":{"a":[1,{"globals":5}],"text":"}],\"x"},
         "types":{"One":{"!":24,"A":8,"B":[16,"pointer"]},"Two":{"A":-1}},"globals":{"G":[[20],"pointer"],"H":["0x1f","uint8"]}}
        """;

    static long? Number(string text, params string[] path)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* place = bytes)
        {
            var at = new JsonText(place, place + bytes.Length);
            foreach (string name in path)
            {
                JsonText inner = at;
                if (!inner.TryGet(Encoding.UTF8.GetBytes(name), out at)) return null;
            }
            return at.TryGetNumber(out long number) ? number : null;
        }
    }

    [Fact]
    public void MembersAreFoundAtTheirPlace()
    {
        Assert.Equal(0, Number(Text, "version"));
        Assert.Equal(8, Number(Text, "types", "One", "A"));
        Assert.Equal(16, Number(Text, "types", "One", "B"));
        Assert.Equal(24, Number(Text, "types", "One", "!"));
        Assert.Equal(20, Number(Text, "globals", "G"));
        Assert.Equal(31, Number(Text, "globals", "H"));
    }

    [Fact]
    public void WhatIsNotThereIsNotFound()
    {
        Assert.Null(Number(Text, "types", "One", "C"));
        Assert.Null(Number(Text, "One"));
        Assert.Null(Number(Text, "version", "A"));
        Assert.Null(Number(Text, "types", "Two", "A"));         // an offset is never negative
        Assert.Null(Number("", "version"));
    }

    [Fact]
    public void ATextThatIsCutOffOrDamagedEndsTheSearch()
    {
        var random = new Random(5);
        for (int length = 0; length < Text.Length; length++)
        {
            char[] damaged = Text[..length].ToCharArray();
            if (length > 0 && length % 2 == 0) damaged[random.Next(length)] = (char)random.Next(32, 127);
            Number(new string(damaged), "globals", "H");
            Assert.True(Number(Text[..length], "globals", "G") is null or 20 or 2);
        }
    }
}
