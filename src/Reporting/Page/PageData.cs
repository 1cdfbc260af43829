using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using Lampyris.Analysis;

namespace Lampyris.Reporting.Page;

/// <summary>
/// What the page knows, as JSON: each text once, each frame once, stacks as numbers of frames. profile.js reads it.
/// </summary>
/// <remarks>
/// Sites are sorted by their frames, and each stack leaves out what it shares with the one before it: 20,000 stacks of 60 frames are
/// a megabyte or two. The encoder escapes `&lt;`, so no name can end the script block that holds the data.
/// </remarks>
static class PageData
{
    /// <summary>The data of one profile.</summary>
    public static string Of(Profile profile)
    {
        PageSite[] sites = [.. profile.Sites.Select(static site => new PageSite(site, Before: []))];
        return Write([profile], sites);
    }

    /// <summary>The data of two: a stack that both have is one site with two weights.</summary>
    /// <remarks>Lines don't count here: they move when anything above them is edited, and the function is still the same.</remarks>
    public static string OfDifference(Profile before, Profile after)
    {
        Dictionary<StackKey, (List<Site> Before, List<Site> After)> pairs = [];
        foreach (Site site in before.Sites) SidesOf(site).Before.Add(site);
        foreach (Site site in after.Sites) SidesOf(site).After.Add(site);
        return Write([before, after], [.. pairs.Values.Select(static pair => new PageSite([.. pair.After], [.. pair.Before]))]);

        (List<Site> Before, List<Site> After) SidesOf(Site site)
        {
            StackKey key = new(site);
            if (!pairs.TryGetValue(key, out (List<Site> Before, List<Site> After) sides)) pairs.Add(key, sides = ([], []));
            return sides;
        }
    }

    static string Write(Profile[] profiles, PageSite[] sites)
    {
        FrameTable frames = new();
        TextTable texts = new();
        int[][] stacks = [.. sites.Select(site => frames.Add(site.Frames))];
        frames.SortByUse(stacks);
        (PageSite Site, int[] Stack)[] sorted = [.. sites.Zip(stacks)];
        Array.Sort(sorted, static (a, b) => a.Stack.AsSpan().SequenceCompareTo(b.Stack));

        ArrayBufferWriter<byte> buffer = new(1 << 20);
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("profiles");
            foreach (Profile profile in profiles) WriteProfile(json, profile);
            json.WriteEndArray();
            WriteFrames(json, frames, texts);
            WriteStacks(json, sorted);
            WriteNumbers(json, "threads", sorted, pair => texts.IndexOf(pair.Site.Thread));
            WriteNumbers(json, "flags", sorted, static pair => (pair.Site.IsGcHeap ? 1 : 0) | (pair.Site.IsComplete ? 0 : 2));
            json.WriteStartArray("weights");
            if (profiles.Length > 1) WriteWeights(json, sorted, static site => site.Before, profiles[0].Marks);
            WriteWeights(json, sorted, static site => site.After, profiles[^1].Marks);
            json.WriteEndArray();
            texts.Write(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    static void WriteProfile(Utf8JsonWriter json, Profile profile)
    {
        json.WriteStartObject();
        json.WriteString("program", PageText.ProgramName(profile));
        json.WriteString("command", PageText.Visible(string.Join(' ', profile.Command)));
        json.WriteString("executable", PageText.Visible(profile.Executable));
        json.WriteNumber("processId", profile.ProcessId);
        json.WriteString("started", profile.Started.UtcDateTime);
        json.WriteNumber("seconds", Seconds(profile.Duration));
        json.WriteNumber("intervalBytes", profile.IntervalBytes);
        json.WriteNumber("samples", profile.SampleCount);
        json.WriteNumber("lost", profile.LostCount);
        json.WriteNumber("peakSeconds", Seconds(profile.PeakTime));
        json.WriteStartArray("remarks");
        foreach (string remark in profile.Remarks) json.WriteStringValue(PageText.Visible(remark));
        json.WriteEndArray();
        json.WriteStartArray("timeline"); // seconds, RSS bytes, live bytes, seconds, ...
        foreach (TimelinePoint point in profile.Timeline)
        {
            json.WriteNumberValue(Seconds(point.Time));
            json.WriteNumberValue(point.RssBytes);
            json.WriteNumberValue(point.LiveBytes);
        }
        json.WriteEndArray();
        json.WriteStartArray("marks"); // seconds, reason, value, seconds, ...
        foreach (ProfileMark mark in profile.Marks)
        {
            json.WriteNumberValue(Seconds(mark.Time));
            json.WriteNumberValue((int)mark.Reason);
            json.WriteNumberValue(mark.Value);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteFrames(Utf8JsonWriter json, FrameTable frames, TextTable texts)
    {
        json.WriteStartArray("frames"); // function, library, file, line, kind, function, ...
        foreach (Frame frame in frames.Frames)
        {
            json.WriteNumberValue(texts.IndexOf(frame.Function));
            json.WriteNumberValue(texts.IndexOf(frame.Library));
            json.WriteNumberValue(texts.IndexOf(frame.File));
            json.WriteNumberValue(frame.Line);
            json.WriteNumberValue((int)frame.Kind);
        }
        json.WriteEndArray();
    }

    static void WriteStacks(Utf8JsonWriter json, (PageSite Site, int[] Stack)[] sites)
    {
        json.WriteStartArray("stacks"); // shared with the stack before, number of further frames, those, shared, ...
        int[] before = [];
        foreach ((_, int[] stack) in sites)
        {
            int shared = stack.AsSpan().CommonPrefixLength(before);
            json.WriteNumberValue(shared);
            json.WriteNumberValue(stack.Length - shared);
            foreach (int frame in stack.AsSpan(shared)) json.WriteNumberValue(frame);
            before = stack;
        }
        json.WriteEndArray();
    }

    static void WriteWeights(
        Utf8JsonWriter json, (PageSite Site, int[] Stack)[] sorted, Func<PageSite, Site[]> side, IReadOnlyList<ProfileMark> marks)
    {
        json.WriteStartObject();
        WriteWeight(json, "live", sorted, side, static site => site.Live);
        WriteWeight(json, "peak", sorted, side, static site => site.Peak);
        WriteWeight(json, "allocated", sorted, side, static site => site.Allocated);
        for (int i = 0; i < marks.Count; i++)
        {
            IReadOnlyDictionary<Site, Weight> live = marks[i].Live;
            WriteWeight(json, $"mark{i}", sorted, side, site => live.GetValueOrDefault(site));
        }
        json.WriteEndObject();
    }

    static void WriteWeight(
        Utf8JsonWriter json, string name, (PageSite Site, int[] Stack)[] sorted, Func<PageSite, Site[]> side, Func<Site, Weight> weightOf)
    {
        json.WriteStartArray(name); // bytes, count, bytes, ...
        foreach ((PageSite site, _) in sorted)
        {
            Weight sum = default;
            foreach (Site part in side(site)) sum += weightOf(part);
            json.WriteNumberValue(sum.Bytes);
            json.WriteNumberValue(Math.Round(sum.Count, 3)); // thousandths, as in the file
        }
        json.WriteEndArray();
    }

    static void WriteNumbers<T>(Utf8JsonWriter json, string name, T[] items, Func<T, int> number)
    {
        json.WriteStartArray(name);
        foreach (T item in items) json.WriteNumberValue(number(item));
        json.WriteEndArray();
    }

    static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 6);
}
