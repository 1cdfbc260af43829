using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Lampyris.Analysis;

/// <summary>How a file is to be read.</summary>
/// <param name="HasSeries">also take what was live at each site at even steps through the run</param>
/// <param name="Progress">told now and then how many bytes were read; the stream's length is the whole</param>
public sealed record ReadOptions(bool HasSeries = false, Action<long>? Progress = null);

// Reads a profile file once from front to back, see docs/profile-format.md. Whatever the file holds, the reader takes what comes
// before the damage and says what it left; memory is bounded by the file's size. `ProfileAssembly` puts names to what was read.
public sealed class ProfileReader
{
    // Beyond these a file is damaged or out of its mind; the profile stays usable and says what was left out.
    internal const int MaxDepth = 2048;
    internal const int MaxInlined = 64;
    internal const int MaxMarks = 100;
    const long MaxTime = 1L << 50;              // microseconds: 35 years
    const long MostTailBytes = 64 << 20;        // of the zeros at the end, looked through for records that got lost behind them

    readonly RecordedTables _tables = new();
    readonly Replay _replay = new();
    readonly TimelineThinner _timeline = new();
    readonly SeriesRecorder? _series;
    readonly RecordReader _records;
    readonly Dictionary<string, string> _texts = [];
    readonly Dictionary<Frame, Frame> _frames = [];
    long _time, _sampleCount, _lostCount, _orphanCount, _marksLeftOut;
    TimelinePoint _highest;
    EndReason? _endReason;
    bool _hasState;

    ProfileReader(Stream stream, ReadOptions options)
    {
        _records = new RecordReader(stream) { Progress = options.Progress };
        if (options.HasSeries) _series = new SeriesRecorder();
    }

    /// <exception cref="ProfileException">it can't be opened or is no profile</exception>
    public static Profile Read(string path, ReadOptions? options = null)
    {
        try
        {
            // FileShare.ReadWrite: the process that writes it may still run.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return Read(stream, path, options);
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ProfileException($"{path}: there is no such file");
        }
        catch (UnauthorizedAccessException)
        {
            throw new ProfileException(Directory.Exists(path) ? $"{path}: is a directory" : $"{path}: may not be read");
        }
        catch (Exception problem) when (problem is IOException or ArgumentException or NotSupportedException)
        {
            throw new ProfileException($"{path}: can't be read: {problem.Message}");
        }
    }

    /// <summary>Reads a profile from its first byte on; <paramref name="name"/> is what a message calls it.</summary>
    /// <exception cref="ProfileException">it is no profile</exception>
    public static Profile Read(Stream stream, string name, ReadOptions? options = null)
    {
        var reader = new ProfileReader(stream, options ?? new ReadOptions());
        ProfileHeader header = ProfileHeader.Parse(reader._records.Header(), name);
        while (true)
        {
            (long position, long time) = (reader._records.Position, reader._time);
            if (!reader._records.Next(out RecordKind kind, out ReadOnlySpan<byte> payload)) break;
            if (reader.Take(kind, payload)) continue;
            reader._records.Refuse(position);
            reader._time = time;
        }
        return reader.Finish(header, stream.CanSeek ? stream.Length : null);
    }

    /// <summary>False when the payload holds what can't be.</summary>
    bool Take(RecordKind kind, ReadOnlySpan<byte> payload)
    {
        var content = new PayloadReader(payload);
        switch (kind)
        {
            case RecordKind.Allocation: TakeAllocation(ref content); break;
            case RecordKind.Free: TakeFree(ref content); break;
            case RecordKind.Stack: return TakeStack(ref content);
            case RecordKind.Process: TakeProcess(ref content); break;
            case RecordKind.Module: return TakeModule(ref content);
            case RecordKind.Thread: return TakeThread(ref content);
            case RecordKind.State: TakeState(ref content); break;
            case RecordKind.Memory: TakeMemory(ref content); break;
            case RecordKind.Mark: TakeMark(ref content); break;
            case RecordKind.Lost: _lostCount = Math.Min(_lostCount + content.Number(), PayloadReader.MaxNumber); break;
            case RecordKind.Timeline: TakeTimeline(ref content); break;
            case RecordKind.End: TakeEnd(ref content); break;
            case RecordKind.Symbol: TakeSymbol(ref content); break;
            case RecordKind.ObjectType: TakeObject(ref content); break;
        }
        return !content.IsDamaged;
    }

    void Advance(ref PayloadReader content) => _time = Math.Min(_time + Math.Min(content.Number(), MaxTime), MaxTime);

    void TakeAllocation(ref PayloadReader content)
    {
        Advance(ref content);
        int stack = _tables.Stacks.IndexOf(content.Varint());
        long bytes = content.Number(), thousandths = content.Number();
        if (content.IsDamaged) return;
        if (stack < 0)
        {
            _orphanCount++;
            return;
        }
        _sampleCount++;
        _series?.Before(_time, _replay);
        if (_tables.Stacks[stack].Traits.HasFlag(StackTraits.GcHeap)) _replay.AllocateObject(stack, bytes, thousandths);
        else _replay.Allocate(stack, bytes, thousandths, _time);
    }

    void TakeFree(ref PayloadReader content)
    {
        Advance(ref content);
        int stack = _tables.Stacks.IndexOf(content.Varint());
        long bytes = content.Number(), thousandths = content.Number();
        if (content.IsDamaged) return;
        if (stack < 0 || _tables.Stacks[stack].Traits.HasFlag(StackTraits.GcHeap))
        {
            _orphanCount++;
            return;
        }
        _series?.Before(_time, _replay);
        _replay.Free(stack, bytes, thousandths);
    }

    bool TakeStack(ref PayloadReader content)
    {
        ulong number = content.Varint();
        ulong threadNumber = content.Varint();
        var traits = (StackTraits)(content.Varint() & (ulong)(StackTraits.Complete | StackTraits.CutAtDepth | StackTraits.GcHeap));
        int count = content.Count(leastBytesEach: 1);
        if (content.IsDamaged) return false;
        if (count > MaxDepth) traits = traits & ~StackTraits.Complete | StackTraits.CutAtDepth;
        ulong[] addresses = new ulong[Math.Min(count, MaxDepth)];
        for (int i = 0; i < addresses.Length; i++)
            addresses[i] = i == 0 ? content.Varint() : addresses[i - 1] + (ulong)content.Zigzag();
        if (content.IsDamaged || !_tables.Stacks.TryAdd(number, new RecordedStack(_tables.Threads.IndexOf(threadNumber), traits, addresses))) return false;
        _replay.AddStack();
        return true;
    }

    void TakeProcess(ref PayloadReader content)
    {
        string command = content.Text();
        string executable = content.Text();
        long parentId = content.Varint() == 1 ? content.Number() : 0;
        if (content.IsDamaged) return;
        _tables.Command.Clear();
        if (command.EndsWith('\0')) command = command[..^1];        // NUL ends words, the last one too
        if (command.Length > 0) _tables.Command.AddRange(command.Split('\0'));
        _tables.Executable = executable;
        _tables.ParentId = parentId;
    }

    bool TakeModule(ref PayloadReader content)
    {
        ulong number = content.Varint();
        ulong start = content.Varint(), end = content.Varint(), bias = content.Varint();
        string path = Shared(content.Text());
        string buildId = Convert.ToHexStringLower(content.Bytes());
        return !content.IsDamaged && _tables.Modules.TryAdd(number, new ProfileModule(start, end, bias, path, buildId));
    }

    bool TakeThread(ref PayloadReader content)
    {
        ulong number = content.Varint();
        string name = Shared(content.Text());
        return !content.IsDamaged && _tables.Threads.TryAdd(number, name);
    }

    void TakeState(ref PayloadReader content)
    {
        Advance(ref content);
        int count = content.Count(leastBytesEach: 7);
        if (content.IsDamaged) return;
        // All of it or nothing: what is replaced is worth more than half of a State.
        var state = new List<(int Stack, StackWeights Weights)>(count);
        for (int i = 0; i < count && !content.IsDamaged; i++)
        {
            int stack = _tables.Stacks.IndexOf(content.Varint());
            var weights = new StackWeights
            {
                AllocatedBytes = content.Number(),
                AllocatedThousandths = content.Number(),
                LiveBytes = content.Number(),
                LiveThousandths = content.Number(),
                PeakBytes = content.Number(),
                PeakThousandths = content.Number(),
            };
            if (stack >= 0) state.Add((stack, weights));
            else _orphanCount++;
        }
        if (content.IsDamaged) return;
        _replay.BeginState();
        foreach ((int stack, StackWeights weights) in state) _replay.Set(stack, weights);
        _replay.EndState(_time);
        _series?.Clear(_time);
        _hasState = true;
    }

    void TakeMemory(ref PayloadReader content)
    {
        Advance(ref content);
        long rss = content.Number(), live = content.Number();
        if (!content.IsDamaged) AddPoint(_time, rss, live);
    }

    void TakeTimeline(ref PayloadReader content)
    {
        int count = content.Count(leastBytesEach: 3);
        for (int i = 0; i < count && !content.IsDamaged; i++)
        {
            long time = Math.Min(content.Number(), MaxTime);
            long rss = content.Number(), live = content.Number();
            if (!content.IsDamaged) AddPoint(time, rss, live);
        }
    }

    void AddPoint(long time, long rss, long live)
    {
        var point = new TimelinePoint(Time(time), rss, live);
        if (live > _highest.LiveBytes) _highest = point;
        _timeline.Add(point);
    }

    void TakeMark(ref PayloadReader content)
    {
        Advance(ref content);
        long reason = content.Number(), value = content.Number();
        if (content.IsDamaged) return;
        if (_tables.Marks.Count >= MaxMarks || !Enum.IsDefined((MarkReason)Math.Min(reason, int.MaxValue)))
        {
            _marksLeftOut++;
            return;
        }
        var live = new List<(int, long, long)>();
        for (int i = 0; i < _replay.Count; i++)
        {
            StackWeights weights = _replay[i];
            if (weights.LiveBytes > 0) live.Add((i, weights.LiveBytes, Math.Max(0, weights.LiveThousandths)));
        }
        _tables.Marks.Add(new RecordedMark(_time, (MarkReason)reason, value, live));
    }

    void TakeEnd(ref PayloadReader content)
    {
        Advance(ref content);
        long reason = content.Number();
        if (!content.IsDamaged && Enum.IsDefined((EndReason)Math.Min(reason, int.MaxValue))) _endReason = (EndReason)reason;
    }

    void TakeSymbol(ref PayloadReader content)
    {
        ulong address = content.Varint();
        int count = content.Count(leastBytesEach: 5);
        if (content.IsDamaged) return;
        var frames = new List<Frame>(Math.Min(count, MaxInlined));
        for (int i = 0; i < count && !content.IsDamaged; i++)
        {
            ulong kind = content.Varint();
            string function = content.Text(), library = content.Text(), file = content.Text();
            int line = (int)Math.Min(content.Number(), int.MaxValue);
            if (content.IsDamaged || frames.Count == MaxInlined) continue;
            FrameKind known = kind <= (ulong)FrameKind.Runtime ? (FrameKind)kind : FrameKind.Unknown;
            frames.Add(Shared(new Frame(Shared(function), Shared(library), Shared(file), line, known)));
        }
        if (!content.IsDamaged && frames.Count > 0) _tables.Symbols.TryAdd(address, [.. frames]);
    }

    void TakeObject(ref PayloadReader content)
    {
        int stack = _tables.Stacks.IndexOf(content.Varint());
        string type = content.Text();
        if (content.IsDamaged) return;
        if (stack < 0) _orphanCount++;
        else _tables.Stacks[stack].ObjectType = Shared(type);
    }

    /// <summary>One object for all equal texts: a file says each library's name many times.</summary>
    string Shared(string text)
    {
        if (_texts.TryGetValue(text, out string? known)) return known;
        _texts.Add(text, text);
        return text;
    }

    Frame Shared(Frame frame)
    {
        if (_frames.TryGetValue(frame, out Frame? known)) return known;
        _frames.Add(frame, frame);
        return frame;
    }

    Profile Finish(ProfileHeader header, long? fileBytes)
    {
        _replay.Finish();
        _series?.Finish(_time, _replay);
        var assembly = new ProfileAssembly(_tables, _replay, _series);
        IReadOnlyList<Site> sites = assembly.Sites();

        // A State tells how high the peak was, not when; its timeline does.
        long peakTime = _replay.PeakTime;
        TimeSpan peak = _replay.IsPeakFromState && _highest.LiveBytes > 0 ? _highest.Time : Time(peakTime);
        return new Profile
        {
            Command = _tables.Command,
            Executable = _tables.Executable,
            ProcessId = header.ProcessId,
            Started = header.Started,
            Duration = Time(_time),
            IntervalBytes = header.IntervalBytes,
            Sites = sites,
            Timeline = _timeline.Finish(),
            PeakTime = peak,
            Marks = assembly.Marks(),
            SampleCount = _sampleCount,
            LostCount = _lostCount,
            Remarks = [.. Remarks(fileBytes), .. assembly.Remarks()],
            Modules = assembly.Modules,
            Symbols = assembly.Symbols,
            SeriesTimes = assembly.SeriesTimes(),
        };
    }

    List<string> Remarks(long? fileBytes)
    {
        var remarks = new List<string>();
        string left = fileBytes is { } all ? $"{all - _records.Position} of {all} bytes were not read" : $"nothing was read after byte {_records.Position}";
        switch (_records.End)
        {
            case RecordsEnd.CutOff:
                remarks.Add($"The file is cut off in the middle of a record: {left}.");
                break;
            case RecordsEnd.Damage:
                remarks.Add($"The file is damaged at byte {_records.Position}: {left}.");
                break;
            case RecordsEnd.Zeros when _records.HasMoreThanZeros(MostTailBytes):
                remarks.Add($"The file has a hole at byte {_records.Position}: {left}.");
                break;
        }
        switch (_endReason)
        {
            case null:
                remarks.Add("Recording did not come to an end: the process was killed, or is still running.");
                break;
            case EndReason.SwitchedOff:
                remarks.Add("Recording was switched off before the process ended.");
                break;
            case EndReason.DiskFull:
                remarks.Add("Recording ended early: there was no room left on the disk.");
                break;
        }
        if (_tables.ParentId > 0) remarks.Add($"This process was forked from process {_tables.ParentId}; what it inherited counts as its own.");
        if (_lostCount > 0) remarks.Add($"{_lostCount} samples could not be recorded.");
        if (_orphanCount > 0) remarks.Add($"{_orphanCount} records speak of stacks that the file does not have; they were left out.");
        if (_marksLeftOut > 0) remarks.Add($"{_marksLeftOut} marks were left out.");
        if (_hasState && _sampleCount == 0 && _replay.Count > 0) remarks.Add("The file holds sums only, not the samples behind them.");
        return remarks;
    }

    internal static TimeSpan Time(long microseconds) => TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
