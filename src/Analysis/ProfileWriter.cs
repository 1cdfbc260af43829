using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Lampyris.Analysis;

/// <summary>Weights of one stack in a State record; counts are numbers of allocations.</summary>
public readonly record struct StackState(int Stack, Weight Allocated, Weight Live, Weight Peak);

// Writes the format of docs/profile-format.md. The recorder inside malloc has a writer of its own; this one serves what is known
// only after the process has ended, and the tests. Times are since recording began and never go back; numbers are given out here.
public sealed class ProfileWriter : IDisposable
{
    const int FlushBytes = 1 << 16;

    readonly Stream _stream;
    readonly MemoryStream _payload = new();
    readonly MemoryStream _pending = new();
    long _time;

    ProfileWriter(Stream stream) => _stream = stream;

    /// <summary>Begins a file; the writer closes the stream.</summary>
    public static ProfileWriter Begin(Stream stream, int processId, DateTimeOffset started, long intervalBytes)
    {
        var writer = new ProfileWriter(stream);
        writer._pending.Write(ProfileHeader.Bytes(processId, started, intervalBytes));
        return writer;
    }

    /// <summary>Goes on behind records that are there already; the next numbers and the last time, in microseconds, are given.</summary>
    internal static ProfileWriter Continue(Stream stream, ulong nextModule, ulong nextThread, ulong nextStack, long time) =>
        new(stream) { NextModule = nextModule, NextThread = nextThread, NextStack = nextStack, _time = time };

    internal ulong NextModule { get; private set; }
    internal ulong NextThread { get; private set; }
    internal ulong NextStack { get; private set; }

    /// <param name="command">words of the command line</param>
    /// <param name="executable">path of the program</param>
    /// <param name="parentId">the process that forked this one, or null</param>
    public void Process(IEnumerable<string> command, string executable, int? parentId = null)
    {
        var words = new StringBuilder();
        foreach (string word in command) words.Append(word).Append('\0');
        Text(words.ToString());
        Text(executable);
        Varint(parentId is null ? 0u : 1u);
        if (parentId is { } id) Varint((ulong)id);
        Record(RecordKind.Process);
    }

    /// <summary>Returns the module's number.</summary>
    public int Module(ulong start, ulong end, ulong bias, string path, ReadOnlySpan<byte> buildId = default)
    {
        Varint(NextModule);
        Varint(start);
        Varint(end);
        Varint(bias);
        Text(path);
        Varint((ulong)buildId.Length);
        _payload.Write(buildId);
        Record(RecordKind.Module);
        return (int)NextModule++;
    }

    /// <summary>Returns the thread's number.</summary>
    public int Thread(string name)
    {
        Varint(NextThread);
        Text(name);
        Record(RecordKind.Thread);
        return (int)NextThread++;
    }

    /// <summary>Returns the stack's number; the addresses are innermost first.</summary>
    public int Stack(int thread, StackTraits traits, IReadOnlyList<ulong> addresses)
    {
        Varint(NextStack);
        Varint((ulong)thread);
        Varint((ulong)traits);
        Varint((ulong)addresses.Count);
        for (int i = 0; i < addresses.Count; i++)
        {
            if (i == 0) Varint(addresses[0]);
            else Zigzag(unchecked((long)(addresses[i] - addresses[i - 1])));
        }
        Record(RecordKind.Stack);
        return (int)NextStack++;
    }

    public void Allocation(TimeSpan time, int stack, Weight weight) => Sample(RecordKind.Allocation, time, stack, weight);

    public void Free(TimeSpan time, int stack, Weight weight) => Sample(RecordKind.Free, time, stack, weight);

    public void State(TimeSpan time, IReadOnlyList<StackState> stacks)
    {
        Delta(time);
        Varint((ulong)stacks.Count);
        foreach (StackState each in stacks)
        {
            Varint((ulong)each.Stack);
            WeightOf(each.Allocated);
            WeightOf(each.Live);
            WeightOf(each.Peak);
        }
        Record(RecordKind.State);
    }

    public void Memory(TimeSpan time, long rssBytes, long liveBytes)
    {
        Delta(time);
        Varint((ulong)rssBytes);
        Varint((ulong)liveBytes);
        Record(RecordKind.Memory);
    }

    public void Mark(TimeSpan time, MarkReason reason, long value)
    {
        Delta(time);
        Varint((ulong)reason);
        Varint((ulong)value);
        Record(RecordKind.Mark);
    }

    public void Lost(long samples)
    {
        Varint((ulong)samples);
        Record(RecordKind.Lost);
    }

    public void Timeline(IReadOnlyList<TimelinePoint> points)
    {
        Varint((ulong)points.Count);
        foreach (TimelinePoint point in points)
        {
            Varint((ulong)Microseconds(point.Time));
            Varint((ulong)point.RssBytes);
            Varint((ulong)point.LiveBytes);
        }
        Record(RecordKind.Timeline);
    }

    public void End(TimeSpan time, EndReason reason)
    {
        Delta(time);
        Varint((ulong)reason);
        Record(RecordKind.End);
    }

    /// <summary>Names an address; the frames are innermost first, the last one is the function whose code it is.</summary>
    public void Symbol(ulong address, IReadOnlyList<Frame> frames)
    {
        Varint(address);
        Varint((ulong)frames.Count);
        foreach (Frame frame in frames)
        {
            Varint(frame.Kind <= FrameKind.Runtime ? (ulong)frame.Kind : 0);
            Text(frame.Function);
            Text(frame.Library);
            Text(frame.File);
            Varint((ulong)Math.Max(0, frame.Line));
        }
        Record(RecordKind.Symbol);
    }

    /// <summary>Says what the GC heap allocates at a stack.</summary>
    public void ObjectType(int stack, string type)
    {
        Varint((ulong)stack);
        Text(type);
        Record(RecordKind.ObjectType);
    }

    /// <summary>Any record: for tests of what a reader makes of kinds and contents that nobody writes.</summary>
    internal void Raw(byte kind, ReadOnlySpan<byte> payload)
    {
        _payload.Write(payload);
        Record((RecordKind)kind);
    }

    public void Flush()
    {
        _stream.Write(_pending.GetBuffer().AsSpan(0, (int)_pending.Length));
        _pending.SetLength(0);
        _stream.Flush();
    }

    public void Dispose()
    {
        Flush();
        _stream.Dispose();
        _payload.Dispose();
        _pending.Dispose();
    }

    void Sample(RecordKind kind, TimeSpan time, int stack, Weight weight)
    {
        Delta(time);
        Varint((ulong)stack);
        WeightOf(weight);
        Record(kind);
    }

    void Record(RecordKind kind)
    {
        ReadOnlySpan<byte> payload = _payload.GetBuffer().AsSpan(0, (int)_payload.Length);
        _pending.WriteByte((byte)kind);
        Varint(_pending, (ulong)payload.Length);
        _pending.Write(payload);
        _pending.WriteByte(ProfileFormat.Check(kind, payload));
        _payload.SetLength(0);
        if (_pending.Length >= FlushBytes) Flush();
    }

    void Delta(TimeSpan time)
    {
        long now = Math.Max(_time, Microseconds(time));
        Varint((ulong)(now - _time));
        _time = now;
    }

    void WeightOf(Weight weight)
    {
        Varint((ulong)weight.Bytes);
        Varint((ulong)Math.Round(weight.Count * 1000));
    }

    void Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Varint((ulong)bytes.Length);
        _payload.Write(bytes);
    }

    void Zigzag(long value) => Varint((ulong)(value << 1) ^ (ulong)(value >> 63));

    void Varint(ulong value) => Varint(_payload, value);

    static void Varint(MemoryStream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7) stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }

    static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
