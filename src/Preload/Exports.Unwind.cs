using System.Runtime;

namespace Lampyris;

// The stack walker, for the tests' variant of the library; not among the exported symbols.
static unsafe partial class Exports
{
    [RuntimeExport("lampyris_capture_stack")]
    static int CaptureStack(ulong* addresses, int capacity, bool* complete)
    {
        int count = StackWalker.Capture(addresses, capacity, out bool whole);
        *complete = whole;
        return count;
    }
}
