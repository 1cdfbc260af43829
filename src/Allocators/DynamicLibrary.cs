using System.Runtime.InteropServices;

namespace Lampyris;

// dlopen as the contract wants it: all symbols bound at once, and visible to libraries that come later. The runtime's
// `NativeLibrary` does neither, and swallows the loader's own words.
static unsafe class DynamicLibrary
{
    const int BindNow = 2, Global = 0x100;      // RTLD_NOW, RTLD_GLOBAL

    [DllImport("libc", EntryPoint = "dlopen")]
    static extern void* LibcOpen(byte* path, int flags);

    [DllImport("libc", EntryPoint = "dlsym")]
    static extern void* LibcFind(void* library, byte* name);

    [DllImport("libc", EntryPoint = "dlclose")]
    static extern int LibcClose(void* library);

    [DllImport("libc", EntryPoint = "dlerror")]
    static extern byte* LibcError();

    /// <summary>The library's handle; null, and the loader's words in <paramref name="error"/>, where it can't be opened.</summary>
    public static void* Open(string path, out string? error)
    {
        // The text is lost at the thread's next use of the loader: to bind `dlerror` itself would be one.
        LibcError();
        byte* name = (byte*)Marshal.StringToCoTaskMemUTF8(path);
        void* library = LibcOpen(name, BindNow | Global);
        error = library != null ? null : Marshal.PtrToStringUTF8((nint)LibcError());
        Marshal.FreeCoTaskMem((nint)name);
        return library;
    }

    /// <summary>The address of an exported symbol; null where there is none. <paramref name="name"/> ends with a zero byte.</summary>
    public static void* Find(void* library, byte* name) => LibcFind(library, name);

    public static void Close(void* library) => _ = LibcClose(library);
}
