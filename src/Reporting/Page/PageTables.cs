using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Lampyris.Analysis;

namespace Lampyris.Reporting.Page;

/// <summary>Each frame once, the most frequent first: they get the shortest numbers.</summary>
sealed class FrameTable
{
    readonly Dictionary<Frame, int> _indices;

    FrameTable(Frame[] frames)
    {
        Frames = frames;
        _indices = new Dictionary<Frame, int>(frames.Length);
        for (int i = 0; i < frames.Length; i++) _indices.Add(frames[i], i);
    }

    public IReadOnlyList<Frame> Frames { get; }

    public int IndexOf(Frame frame) => _indices[frame];

    public static FrameTable Of(PageSite[] sites)
    {
        Dictionary<Frame, int> uses = [];
        foreach (Frame frame in sites.SelectMany(static site => site.Frames)) uses[frame] = uses.GetValueOrDefault(frame) + 1;
        return new FrameTable([.. uses.OrderByDescending(static use => use.Value).Select(static use => use.Key)]);
    }
}

/// <summary>Each text once, in the order of first use.</summary>
sealed class TextTable
{
    readonly Dictionary<string, int> _indices = [];

    public int IndexOf(string text)
    {
        if (!_indices.TryGetValue(text, out int index)) _indices.Add(text, index = _indices.Count);
        return index;
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray("texts");
        foreach (string text in _indices.Keys) json.WriteStringValue(PageText.Visible(text));
        json.WriteEndArray();
    }
}
