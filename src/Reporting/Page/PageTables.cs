using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Lampyris.Analysis;

namespace Lampyris.Reporting.Page;

/// <summary>Each frame once; after <see cref="SortByUse"/> the most frequent first: they get the shortest numbers.</summary>
sealed class FrameTable
{
    // Most frames of a profile are the same objects; a look at the reference is far cheaper than at three texts.
    readonly Dictionary<Frame, int> _byReference = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Frame, int> _byValue = [];
    readonly List<int> _uses = [];

    public IReadOnlyList<Frame> Frames { get; private set; } = [];

    /// <summary>The numbers of a stack's frames, until they are sorted.</summary>
    public int[] Add(IReadOnlyList<Frame> stack)
    {
        int[] indices = new int[stack.Count];
        for (int i = 0; i < indices.Length; i++)
        {
            Frame frame = stack[i];
            if (!_byReference.TryGetValue(frame, out int index))
            {
                if (!_byValue.TryGetValue(frame, out index))
                {
                    _byValue.Add(frame, index = _uses.Count);
                    _uses.Add(0);
                }
                _byReference.Add(frame, index);
            }
            _uses[index]++;
            indices[i] = index;
        }
        return indices;
    }

    /// <summary>Numbers the frames anew, in these stacks too.</summary>
    public void SortByUse(int[][] stacks)
    {
        int[] order = [.. Enumerable.Range(0, _uses.Count).OrderByDescending(index => _uses[index])], place = new int[order.Length];
        for (int i = 0; i < order.Length; i++) place[order[i]] = i;
        foreach (int[] stack in stacks)
        {
            for (int i = 0; i < stack.Length; i++) stack[i] = place[stack[i]];
        }
        Frame[] frames = new Frame[order.Length];
        foreach ((Frame frame, int index) in _byValue) frames[place[index]] = frame;
        Frames = frames;
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
