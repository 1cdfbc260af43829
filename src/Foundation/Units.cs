namespace Lampyris;

// Sizes in words.
public static class Units
{
    public const int KiB = 1024;
    public const int MiB = 1024 * KiB;
    public const long GiB = 1024L * MiB;
}
