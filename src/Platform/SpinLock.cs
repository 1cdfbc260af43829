using System.Threading;

namespace Lampyris;

// A lock in one word, 0 = free, for sections of bounded length. Zeroed memory is an open lock.
// Never held while calling anything that may take a lock of the C library.
public struct SpinLock
{
    const int SpinsBeforeYield = 64;

    int _taken;

    public readonly bool IsTaken => _taken != 0;

    public bool TryEnter() => Interlocked.CompareExchange(ref _taken, 1, 0) == 0;

    public void Enter()
    {
        if (!TryEnter()) EnterSlow();
    }

    /// <summary>Pairs with the compare-and-swap in <see cref="TryEnter"/>: what was written before is seen by the next holder.</summary>
    public void Exit() => Volatile.Write(ref _taken, 0);

    void EnterSlow()
    {
        for (int spins = 1; ; spins++)
        {
            if (Volatile.Read(ref _taken) == 0 && TryEnter()) return;
            if (spins % SpinsBeforeYield == 0) OsThread.Yield();
        }
    }
}
