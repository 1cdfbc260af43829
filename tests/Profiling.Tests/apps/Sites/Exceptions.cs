using System;
using System.Runtime.CompilerServices;

namespace Shop;

// Handlers, filters and finally blocks run on top of the frames that threw.
internal static class Exceptions
{
    const int Rounds = 200;

    public static void Run()
    {
        for (int i = 0; i < Rounds; i++) Catch();
        Site.Expect(Rounds * 500L, "Exceptions.Run() > Exceptions.Catch() > Exceptions.Recover(Exception) > Site.Visit(int)");
        for (int i = 0; i < Rounds; i++) Filter();
        Site.Expect(Rounds * 600L, "Exceptions.Run() > Exceptions.Filter() > Exceptions.Matches(Exception) > Site.Visit(int)");
        for (int i = 0; i < Rounds; i++) CatchFinally();
        Site.Expect(Rounds * 700L, "Exceptions.Run() > Exceptions.CatchFinally() > Exceptions.Finally() > Exceptions.CleanUp() > Site.Visit(int)");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Throw(int depth)
    {
        if (depth == 0) throw new InvalidOperationException("wanted");
        Throw(depth - 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Catch()
    {
        try
        {
            Throw(5);
        }
        catch (InvalidOperationException problem)
        {
            Recover(problem);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Recover(Exception problem)
    {
        Site.Visit(500);
        GC.KeepAlive(problem);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Filter()
    {
        try
        {
            Throw(5);
        }
        catch (Exception problem) when (Matches(problem))
        {
            GC.KeepAlive(problem);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static bool Matches(Exception problem)
    {
        Site.Visit(600);
        return problem is InvalidOperationException;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void CatchFinally()
    {
        try
        {
            Finally();
        }
        catch (InvalidOperationException problem)
        {
            GC.KeepAlive(problem);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Finally()
    {
        try
        {
            Throw(2);
        }
        finally
        {
            CleanUp();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void CleanUp() => Site.Visit(700);
}
