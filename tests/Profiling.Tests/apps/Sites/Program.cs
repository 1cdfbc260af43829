using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Shop;

// Known bytes at known sites. `sites MODE` does what the mode says and prints a line for each site: bytes (`>` before it: at
// least so many), a tab, the methods from the outside in.
internal static class Program
{
    static int Main(string[] arguments)
    {
        string mode = arguments.Length > 0 ? arguments[0] : "";
        switch (mode)
        {
            case "plain": Plain.Run(); break;
            case "generics": Generics.Run(); break;
            case "lambdas": Lambdas.Run(); break;
            case "async": Async.Run().GetAwaiter().GetResult(); break;
            case "threads": Threads.Run(); break;
            case "exceptions": Exceptions.Run(); break;
            case "hot": Hot.Run(); break;
            case "framework": Framework.Run(); break;
            case "all":
                Plain.Run();
                Generics.Run();
                Lambdas.Run();
                Async.Run().GetAwaiter().GetResult();
                Threads.Run();
                Exceptions.Run();
                Framework.Run();
                break;
            default:
                Console.Error.WriteLine($"sites: no such mode: {mode}");
                return 2;
        }
        return 0;
    }
}

/// <summary>What all sites call. A caller that has nothing left to do may be replaced by it on the stack: so they all add to what it returns, or are void.</summary>
internal static unsafe class Site
{
    /// <summary>How often each site is visited.</summary>
    public const int Rounds = 2000;

    public static void Expect(long bytes, string chain) => Console.WriteLine($"{bytes}\t{chain}");

    public static void ExpectAtLeast(long bytes, string chain) => Console.WriteLine($">{bytes}\t{chain}");

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Visit(int bytes)
    {
        byte* block = (byte*)NativeMemory.Alloc((nuint)bytes);
        block[0] = 1;
        NativeMemory.Free(block);
        return bytes;
    }
}
