using System.Collections.Generic;

namespace Lampyris.Analysis;

// Which module an address is in. Where modules overlap, because one was unloaded and another took its place, the later one counts.
internal sealed class ModuleMap
{
    readonly List<(ulong Start, ulong End, ProfileModule Module)> _areas = [];

    public ModuleMap(IReadOnlyList<ProfileModule> modules)
    {
        var edges = new List<(ulong Address, int Module)>();
        for (int i = 0; i < modules.Count; i++)
        {
            if (modules[i].Start >= modules[i].End) continue;
            edges.Add((modules[i].Start, i));
            edges.Add((modules[i].End, i));
        }
        edges.Sort();

        // From edge to edge, the latest of the modules that have begun and not ended.
        var begun = new PriorityQueue<int, int>();
        for (int i = 0; i < edges.Count; i++)
        {
            (ulong address, int module) = edges[i];
            if (modules[module].Start == address) begun.Enqueue(module, -module);
            while (begun.Count > 0 && modules[begun.Peek()].End <= address) begun.Dequeue();
            if (begun.Count > 0 && i + 1 < edges.Count && edges[i + 1].Address > address)
                _areas.Add((address, edges[i + 1].Address, modules[begun.Peek()]));
        }
    }

    public ProfileModule? Find(ulong address)
    {
        int low = 0, high = _areas.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            (ulong start, ulong end, ProfileModule module) = _areas[middle];
            if (address < start) high = middle - 1;
            else if (address >= end) low = middle + 1;
            else return module;
        }
        return null;
    }
}
