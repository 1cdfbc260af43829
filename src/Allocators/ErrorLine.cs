using System;
using System.IO;
using System.Text;

namespace Lampyris;

// A line to standard error, in one write. Not through `Console.Error`, which the program may have replaced by a writer
// that allocates here: the choice of the allocator is not made yet when these lines are written.
static class ErrorLine
{
    public static void Write(string text)
    {
        using Stream output = Console.OpenStandardError();
        output.Write(Encoding.UTF8.GetBytes($"lampyris: {text}\n"));
    }
}
