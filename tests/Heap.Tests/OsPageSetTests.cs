using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace Lampyris.Tests;

public sealed class OsPageSetTests
{
    // Goal: it is a set. Method: the same random changes to a SortedSet.
    [Fact]
    public void ItAgreesWithAPlainSet()
    {
        Random random = new(2);
        OsPageSet set = default;
        SortedSet<int> model = [];
        for (int i = 0; i < 20_000; i++)
        {
            int osPage = random.Next(OsPageSet.Capacity);
            if (random.Next(2) == 0)
            {
                set.Add(osPage);
                model.Add(osPage);
            }
            else
            {
                set.Remove(osPage);
                model.Remove(osPage);
            }
            Assert.Equal(model.Count, set.Count);
            Assert.Equal(model.Count == 0, set.IsEmpty);
            Assert.Equal(model.Contains(osPage), set.Has(osPage));
            if (model.Count != 0) Assert.Equal(model.Min, set.First);
            int first = random.Next(OsPageSet.Capacity), last = random.Next(first, OsPageSet.Capacity);
            Assert.Equal(model.GetViewBetween(first, last).Count != 0, set.HasAny(first, last));
        }
    }
}
