namespace Lampyris;

// A thread as .NET's runtime knows it. To stop a thread, the runtime puts an address of its own in place of a return address on the thread's
// stack, and keeps the true one in its description of the thread: in the word before the one that says where it did so.
static unsafe class ManagedThread
{
    const int MostThreads = 4096, DescriptionBytes = 2048;

    /// <summary>The return address that stood at <paramref name="place"/> on the calling thread's stack. False when the runtime has not replaced it.</summary>
    public static bool TryGetReplaced(ulong place, ref SafeMemory memory, out ulong returnAddress)
    {
        returnAddress = 0;
        if (!ManagedRuntime.TryGet(out ManagedRuntime.Layout* layout) || layout->ThreadStore == 0) return false;
        ulong self = (ulong)Syscall.Invoke(SyscallNumber.GetTid), offset = (ulong)layout->ThreadNext;
        // The list may change meanwhile, so all of it is read as memory that may be gone.
        if (!memory.TryRead(layout->ThreadStore, out ulong store) || !memory.TryRead(store + (ulong)layout->ThreadStoreFirst, out ulong link)) return false;
        for (int i = 0; i < MostThreads && link != 0; i++)
        {
            ulong thread = link - offset;
            if (!memory.TryRead(thread + (ulong)layout->ThreadId, out ulong id)) return false;
            if (id == self) return TryFind(thread, place, ref memory, out returnAddress);
            if (!memory.TryRead(link, out link)) return false;
        }
        return false;
    }

    static bool TryFind(ulong thread, ulong place, ref SafeMemory memory, out ulong returnAddress)
    {
        returnAddress = 0;
        ulong before = 0;
        for (ulong at = thread; at < thread + DescriptionBytes; at += 8)
        {
            if (!memory.TryRead(at, out ulong word)) return false;
            if (word == place)
            {
                returnAddress = before;
                return before != 0;
            }
            before = word;
        }
        return false;
    }
}
