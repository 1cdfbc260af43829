using System;
using System.Runtime.InteropServices;
using System.Collections.Generic;

namespace Lampyris.Analysis;

/// <summary>What one stack stands for; counts are in thousandths.</summary>
internal struct StackWeights
{
    public long LiveBytes, LiveThousandths, PeakBytes, PeakThousandths, AllocatedBytes, AllocatedThousandths;

    /// <summary>The highest `Replay.PeakNumber` that the peak above is right for.</summary>
    public long PeakNumber;
}

// Plays Allocations and Frees back. The peak of each stack is what was live there when the sum of all was highest. A new highest
// sum may come with every allocation, so no stack is visited then: each one takes over its peak when it changes for the first
// time after it, because until then it was what it is now. That is O(1) an event.
internal sealed class Replay
{
    readonly List<StackWeights> _stacks = [];
    long _live, _highest;

    /// <summary>How often the sum of live bytes has risen above all sums before.</summary>
    long PeakNumber { get; set; }

    /// <summary>Microseconds since recording began.</summary>
    public long PeakTime { get; private set; }

    /// <summary>The peak is one that a State told of, so that `PeakTime` is only the latest it can have been.</summary>
    public bool IsPeakFromState { get; private set; }

    public int Count => _stacks.Count;

    public void AddStack() => _stacks.Add(new StackWeights { PeakNumber = PeakNumber });

    public ref readonly StackWeights this[int stack] => ref CollectionsMarshal.AsSpan(_stacks)[stack];

    public void Allocate(int stack, long bytes, long thousandths, long time)
    {
        ref StackWeights weights = ref Changing(stack);
        weights.AllocatedBytes = Add(weights.AllocatedBytes, bytes);
        weights.AllocatedThousandths = Add(weights.AllocatedThousandths, thousandths);
        weights.LiveThousandths = Add(weights.LiveThousandths, thousandths);
        long before = weights.LiveBytes;
        weights.LiveBytes = Add(before, bytes);
        _live = Add(_live, weights.LiveBytes - before);
        if (_live > _highest) NewPeak(time);
    }

    public void Free(int stack, long bytes, long thousandths)
    {
        ref StackWeights weights = ref Changing(stack);
        weights.LiveThousandths = Add(weights.LiveThousandths, -thousandths);
        long before = weights.LiveBytes;
        weights.LiveBytes = Add(before, -bytes);
        _live = Add(_live, weights.LiveBytes - before);
    }

    /// <summary>An object of the GC heap: nobody will say when it dies, so it counts as allocated only.</summary>
    public void AllocateObject(int stack, long bytes, long thousandths)
    {
        ref StackWeights weights = ref CollectionsMarshal.AsSpan(_stacks)[stack];
        weights.AllocatedBytes = Add(weights.AllocatedBytes, bytes);
        weights.AllocatedThousandths = Add(weights.AllocatedThousandths, thousandths);
    }

    /// <summary>Forgets everything; `Set` and then `EndState` follow.</summary>
    public void BeginState()
    {
        CollectionsMarshal.AsSpan(_stacks).Clear();
        _live = _highest = PeakNumber = 0;
    }

    public void Set(int stack, in StackWeights weights)
    {
        CollectionsMarshal.AsSpan(_stacks)[stack] = weights;
        CollectionsMarshal.AsSpan(_stacks)[stack].PeakNumber = 0;
    }

    public void EndState(long time)
    {
        foreach (ref readonly StackWeights each in CollectionsMarshal.AsSpan(_stacks))
        {
            _live = Add(_live, each.LiveBytes);
            _highest = Add(_highest, each.PeakBytes);
        }
        PeakTime = time;
        IsPeakFromState = _highest > 0;
        if (_live > _highest) NewPeak(time);
    }

    /// <summary>Brings the peaks of all stacks up to date.</summary>
    public void Finish()
    {
        for (int i = 0; i < _stacks.Count; i++) Changing(i);
    }

    void NewPeak(long time)
    {
        _highest = _live;
        PeakNumber++;
        PeakTime = time;
        IsPeakFromState = false;
    }

    /// <summary>The stack, whose live bytes are about to change.</summary>
    ref StackWeights Changing(int stack)
    {
        ref StackWeights weights = ref CollectionsMarshal.AsSpan(_stacks)[stack];
        if (weights.PeakNumber != PeakNumber)
        {
            weights.PeakBytes = weights.LiveBytes;
            weights.PeakThousandths = weights.LiveThousandths;
            weights.PeakNumber = PeakNumber;
        }
        return ref weights;
    }

    /// <summary>Stays within what files can hold, whatever a damaged one says.</summary>
    static long Add(long a, long b) => Math.Clamp(a + b, -PayloadReader.MaxNumber, PayloadReader.MaxNumber);
}
