using System;
using System.Runtime.Intrinsics;
using System.Threading;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class NativeTests : IDisposable
{
    readonly ulong _liveBefore = TestHeap.Snapshot().LiveCount;

    public void Dispose()
    {
        Assert.Null(OutOfMemory.SetHandler(null));
        Assert.Equal(_liveBefore, TestHeap.Snapshot().LiveCount);
        TestHeap.Verify();
    }

    struct Point
    {
        public double X, Y;
        public int Colour;
    }

    [Fact]
    public void ANewValueIsZeroOrWhatWasGiven()
    {
        Point* dirty = Native.New(new Point { X = 1, Y = 2, Colour = 3 });
        Assert.Equal((1.0, 2.0, 3), (dirty->X, dirty->Y, dirty->Colour));
        Native.Delete(dirty);
        Point* zero = Native.New<Point>();
        Assert.Equal((0.0, 0.0, 0), (zero->X, zero->Y, zero->Colour));
        Native.Delete(zero);
        Native.Delete((Point*)null);
    }

    [Fact]
    public void AnArrayIsZeroAfterItsMemoryWasUsed()
    {
        for (int i = 0; i < 3; i++)
        {
            long* array = Native.NewArray<long>(1000);
            Assert.False(new ReadOnlySpan<long>(array, 1000).ContainsAnyExcept(0L));
            new Span<long>(array, 1000).Fill(-1);
            Native.DeleteArray(array);
        }
        byte* nothing = Native.NewArray<byte>(0);
        Assert.True(nothing != null);
        Native.DeleteArray(nothing);
    }

    [Fact]
    public void ABlockIsAlignedForItsType()
    {
        Assert.Equal((nuint)1, Native.Alignment<byte>());
        Assert.Equal((nuint)8, Native.Alignment<Point>());
        Assert.Equal((nuint)64, Native.Alignment<Vector512<byte>>());
        for (int i = 0; i < 20; i++)
        {
            Vector512<byte>* vector = Native.New(Vector512.Create((byte)i)), array = Native.NewArray<Vector512<byte>>(3);
            Assert.True((nuint)vector % 64 == 0 && (nuint)array % 64 == 0);
            Assert.Equal(Vector512.Create((byte)i), *vector);
            byte* between = Native.New<byte>();
            Native.Delete(vector);
            Native.DeleteArray(array);
            Native.Delete(between);
        }
    }

    [Fact]
    public void AnArrayOfMoreBytesThanCanBeCountedIsRefused()
    {
        int calls = 0;
        OutOfMemory.SetHandler(() => calls++);
        Assert.Throws<InsufficientMemoryException>(() => { Native.NewArray<long>(nuint.MaxValue / 8 + 1); });
        Assert.True(Native.TryNewArray<long>(nuint.MaxValue / 8 + 1) == null);
        OutOfMemory.SetHandler(null);
        Assert.Equal(0, calls);                 // no handler can help
    }

    [Fact]
    public void AValueIsMadeInPlaceOnlyWhereItFits()
    {
        long* room = stackalloc long[4];
        Point* point = Native.NewAt(room, 32, new Point { Colour = 5 });
        Assert.True(point == room && point->Colour == 5);
        Assert.Throws<ArgumentException>(() => { long* small = stackalloc long[2]; Native.NewAt(small, 16, default(Point)); });
        Assert.Throws<ArgumentException>(() => { long* askew = stackalloc long[5]; Native.NewAt((byte*)askew + 4, 32, default(Point)); });
    }

    // Out of memory: more than the address space has.
    static nuint TooMany => (nuint)1 << 50;

    [Fact]
    public void WithoutAHandlerNewThrowsAndTryNewGivesNull()
    {
        Assert.Throws<InsufficientMemoryException>(() => { Native.NewArray<byte>(TooMany); });
        Assert.True(Native.TryNewArray<byte>(TooMany) == null);
        Assert.True(GlobalAllocator.Allocate(TooMany) == null);
    }

    [Fact]
    public void TheHandlerIsCalledUntilThereIsNone()
    {
        int calls = 0;
        Action handler = () =>
        {
            if (++calls == 3) OutOfMemory.SetHandler(null);
        };
        Assert.Null(OutOfMemory.SetHandler(handler));
        Assert.Same(handler, OutOfMemory.GetHandler());
        Assert.Throws<InsufficientMemoryException>(() => { Native.NewArray<byte>(TooMany); });
        Assert.Equal(3, calls);
        OutOfMemory.SetHandler(handler);
        calls = 0;
        Assert.True(Native.TryNewArray<byte>(TooMany) == null);
        Assert.Equal(3, calls);
    }

    [Fact]
    public void AHandlerThatMakesRoomLetsTheAllocationSucceed()
    {
        int calls = 0;
        SyscallRefusal.Every = 1;
        try
        {
            OutOfMemory.SetHandler(() =>
            {
                if (++calls == 2) SyscallRefusal.Every = 0;
            });
            byte* block = Native.NewArray<byte>(100_000_000);
            Assert.Equal(2, calls);
            block[99_999_999] = 1;
            Native.Delete(block);
        }
        finally
        {
            SyscallRefusal.Every = 0;
            OutOfMemory.SetHandler(null);
        }
    }

    [Fact]
    public void WhatAHandlerThrowsReachesTheCaller()
    {
        OutOfMemory.SetHandler(() => throw new TimeoutException());
        Assert.Throws<TimeoutException>(() => { Native.NewArray<byte>(TooMany); });
        Assert.Throws<TimeoutException>(() => { Native.TryNewArray<byte>(TooMany); });
        OutOfMemory.SetHandler(() => throw new InsufficientMemoryException());
        Assert.True(Native.TryNewArray<byte>(TooMany) == null);
        OutOfMemory.SetHandler(null);
    }

    [Fact]
    public void AnOwnerDeletesOnce()
    {
        NativeOwner<Point> owner = Native.Own(new Point { Colour = 9 });
        Assert.Equal(9, owner.Value.Colour);
        owner.Value.Colour = 10;
        Assert.Equal(10, owner.Address->Colour);
        Assert.Equal(_liveBefore + 1, TestHeap.Snapshot().LiveCount);
        owner.Dispose();
        owner.Dispose();
        Assert.Equal(_liveBefore, TestHeap.Snapshot().LiveCount);
        Assert.Throws<ObjectDisposedException>(() => owner.Value.Colour);
        Assert.Throws<ObjectDisposedException>(() => { owner.Release(); });
    }

    [Fact]
    public void AnOwnerThatReleasesDeletesNothing()
    {
        long* array;
        using (NativeOwner<long> owner = Native.OwnArray<long>(100))
        {
            owner.Span.Fill(7);
            Assert.Equal((nuint)100, owner.Count);
            array = owner.Release();
        }
        Assert.False(new ReadOnlySpan<long>(array, 100).ContainsAnyExcept(7L));
        Native.DeleteArray(array);
    }
}
