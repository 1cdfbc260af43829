using System;
using System.Collections.Generic;
using Xunit;

namespace Lampyris.Tests;

// A type names where its values come from, as a C++ class does by its own operator new.
public sealed unsafe class NativeSourceTests : IDisposable
{
    readonly ulong _liveBefore = TestHeap.Snapshot().LiveCount;

    public void Dispose() => Assert.Equal(_liveBefore, TestHeap.Snapshot().LiveCount);

    struct Node : IAllocatedFrom<PoolSource>
    {
        public long Key, Value;
    }

    struct PoolSource : INativeSource
    {
        public static NativePool<Node>? Pool;

        public static void* Allocate(nuint bytes, nuint alignment) => Pool!.New();
        public static void Deallocate(void* block) => Pool!.Delete((Node*)block);
    }

    struct Message : IAllocatedFrom<ArenaSource>
    {
        public Guid Id;
    }

    struct ArenaSource : INativeSource
    {
        public static NativeArena? Arena;

        public static void* Allocate(nuint bytes, nuint alignment) => Arena!.Allocate(bytes, alignment);
        public static void Deallocate(void* block) { }
    }

    struct Scarce : IAllocatedFrom<EmptySource>
    {
        public int Value;
    }

    struct EmptySource : INativeSource
    {
        public static int Calls, RefusedCalls;
        static int s_value;

        public static void* Allocate(nuint bytes, nuint alignment)
        {
            fixed (int* place = &s_value) return ++Calls <= RefusedCalls ? null : place;
        }

        public static void Deallocate(void* block) { }
    }

    [Fact]
    public void ValuesComeFromThePoolThatTheirTypeNames()
    {
        using NativePool<Node> pool = PoolSource.Pool = new();
        Node* first = Native.New(new Node { Key = 1, Value = 2 });
        using (NativeOwner<Node> second = Native.Own(new Node { Key = 3 }))
        {
            Assert.Equal(2, pool.LiveCount);
            Assert.Equal((1L, 2L, 3L), (first->Key, first->Value, second.Value.Key));
        }
        Assert.Equal(1, pool.LiveCount);
        Native.Delete(first);
        Assert.Equal(0, pool.LiveCount);
    }

    // An array is no block of a pool's size.
    [Fact]
    public void ArraysComeFromTheGlobalAllocatorAllTheSame()
    {
        using NativePool<Node> pool = PoolSource.Pool = new();
        Node* array = Native.NewArray<Node>(100);
        using (NativeOwner<Node> owner = Native.OwnArray<Node>(10)) owner.Span[9].Key = 1;
        array[99].Key = 7;
        Assert.Equal(0, pool.LiveCount);
        Assert.InRange(GlobalAllocator.UsableSize(array), 100 * (nuint)sizeof(Node), 120 * (nuint)sizeof(Node));
        Native.DeleteArray(array);
    }

    [Fact]
    public void ValuesComeFromTheArenaThatTheirTypeNames()
    {
        using NativeArena arena = ArenaSource.Arena = new();
        HashSet<nint> blocks = [];
        using (arena.Begin())
        {
            for (int i = 0; i < 1000; i++) Assert.True(blocks.Add((nint)Native.New(new Message { Id = Guid.NewGuid() })));
            foreach (nint block in blocks) Native.Delete((Message*)block);
        }
        Assert.Contains((nint)Native.New<Message>(), blocks);         // the scope took all of them back
    }

    [Fact]
    public void TheHandlerIsCalledForASourceToo()
    {
        (EmptySource.Calls, EmptySource.RefusedCalls) = (0, 3);
        int handled = 0;
        OutOfMemory.SetHandler(() => handled++);
        Assert.True(Native.New(new Scarce { Value = 5 })->Value == 5);
        Assert.Equal((3, 4), (handled, EmptySource.Calls));
        OutOfMemory.SetHandler(null);
        (EmptySource.Calls, EmptySource.RefusedCalls) = (0, int.MaxValue);
        Assert.True(Native.TryNew<Scarce>() == null);
        Assert.Throws<InsufficientMemoryException>(() => Native.New<Scarce>());
    }
}
