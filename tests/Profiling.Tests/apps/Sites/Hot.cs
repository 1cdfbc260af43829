using System.Runtime.CompilerServices;
using System.Threading;

namespace Shop;

// Methods that the runtime compiles anew while they run: one that is called often, one whose single call loops for long.
internal static class Hot
{
    const int Calls = 40_000;

    public static void Run()
    {
        long sum = 0;
        for (int part = 0; part < 4; part++)
        {
            for (int i = 0; i < Calls / 4; i++) sum += Called(i);
            Thread.Sleep(150);      // the compiler's thread waits for quiet
        }
        Site.Expect(Calls * 160L, "Program.Main(string[]) > Hot.Run() > Hot.Called(int) > Hot.Inner(int) > Site.Visit(int)");
        Looping(Calls);
        Site.Expect(Calls * 208L, "Program.Main(string[]) > Hot.Run() > Hot.Looping(int) > Site.Visit(int)");
        System.GC.KeepAlive(sum);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static int Called(int number) => Inner(number) + 1;

    [MethodImpl(MethodImplOptions.NoInlining)]
    static int Inner(int number)
    {
        Site.Visit(160);
        return number;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static long Looping(int count)
    {
        long sum = 0;
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < 100; j++) sum += i ^ j;
            Site.Visit(208);
        }
        return sum;
    }
}
