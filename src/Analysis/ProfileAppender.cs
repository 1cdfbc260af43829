using System;
using System.Collections.Generic;
using System.IO;

namespace Lampyris.Analysis;

// Adds to a file what is known only after the process has ended: names for addresses, and what its GC heap allocated. The file is
// read once to find its last whole record; what comes behind that, zeros or a record that is not all there, is cut off.
public sealed class ProfileAppender : IDisposable
{
    readonly ProfileWriter _writer;
    readonly Dictionary<string, int> _threads;
    readonly TimeSpan _time;

    ProfileAppender(ProfileWriter writer, Dictionary<string, int> threads, TimeSpan time, long cutBytes, bool isDamaged) =>
        (_writer, _threads, _time, CutBytes, WasDamaged) = (writer, threads, time, cutBytes, isDamaged);

    /// <summary>Bytes that were taken off the file's end.</summary>
    public long CutBytes { get; }

    /// <summary>Whether there was more than zeros among them.</summary>
    public bool WasDamaged { get; }

    /// <exception cref="ProfileException">it can't be opened for writing or is no profile; the file is as it was</exception>
    public static ProfileAppender Open(string path)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ProfileException($"{path}: there is no such file");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ProfileException($"{path}: can't be written: {problem.Message}");
        }
        try
        {
            return Open(stream, path);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    static ProfileAppender Open(FileStream stream, string path)
    {
        var records = new RecordReader(stream);
        _ = ProfileHeader.Parse(records.Header(), path);
        var threads = new Dictionary<string, int>();
        ulong nextModule = 0, nextThread = 0, nextStack = 0;
        long time = 0;
        while (true)
        {
            long position = records.Position;
            if (!records.Next(out RecordKind kind, out ReadOnlySpan<byte> payload)) break;
            var content = new PayloadReader(payload);
            ulong first = payload.IsEmpty ? 0 : content.Varint();
            switch (kind)
            {
                case RecordKind.Module when first >= nextModule:
                    nextModule = first + 1;
                    break;
                case RecordKind.Stack when first >= nextStack:
                    nextStack = first + 1;
                    break;
                case RecordKind.Thread when first >= nextThread:
                    nextThread = first + 1;
                    if (first <= int.MaxValue) threads[content.Text()] = (int)first;
                    break;
                case RecordKind.Allocation or RecordKind.Free or RecordKind.State or RecordKind.Memory or RecordKind.Mark or RecordKind.End:
                    time += (long)Math.Min(first, int.MaxValue);
                    break;
            }
            if (content.IsDamaged)
            {
                records.Refuse(position);
                break;
            }
        }
        bool isDamaged = records.End is RecordsEnd.CutOff or RecordsEnd.Damage;
        long cut = stream.Length - records.Position;
        stream.SetLength(records.Position);
        stream.Position = records.Position;
        var writer = ProfileWriter.Continue(stream, nextModule, nextThread, nextStack, time);
        return new ProfileAppender(writer, threads, TimeSpan.FromTicks(time * TimeSpan.TicksPerMicrosecond), cut, isDamaged);
    }

    /// <summary>Names an address; the frames are innermost first, more than one where functions were inlined.</summary>
    public void AddSymbol(ulong address, IReadOnlyList<Frame> frames) => _writer.Symbol(address, frames);

    /// <summary>Says what a stack of the GC heap allocates.</summary>
    public void AddObject(int stack, string type) => _writer.ObjectType(stack, type);

    /// <summary>Adds a stack of the GC heap; the addresses are innermost first. Returns its number, for `AddAllocation`.</summary>
    public int AddGcHeapStack(string thread, StackTraits traits, IReadOnlyList<ulong> addresses, string type)
    {
        if (!_threads.TryGetValue(thread, out int number)) _threads.Add(thread, number = _writer.Thread(thread));
        int stack = _writer.Stack(number, traits | StackTraits.GcHeap, addresses);
        _writer.ObjectType(stack, type);
        return stack;
    }

    /// <summary>Adds what was allocated at a stack of the GC heap.</summary>
    public void AddAllocation(int stack, Weight weight) => _writer.Allocation(_time, stack, weight);

    public void Dispose() => _writer.Dispose();
}
