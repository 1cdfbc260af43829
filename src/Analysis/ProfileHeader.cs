using System;
using System.Buffers.Binary;

namespace Lampyris.Analysis;

/// <summary>The first 32 bytes of a profile file.</summary>
internal sealed record ProfileHeader(int ProcessId, DateTimeOffset Started, long IntervalBytes)
{
    /// <param name="header">as much of it as the file has</param>
    /// <param name="name">what a message calls the file</param>
    public static ProfileHeader Parse(ReadOnlySpan<byte> header, string name)
    {
        if (header.IsEmpty) throw new ProfileException($"{name}: is empty");
        if (!header.ContainsAnyExcept((byte)0)) throw new ProfileException($"{name}: holds zeros only; recording had not begun");
        int known = Math.Min(header.Length, ProfileFormat.Magic.Length);
        if (!header[..known].SequenceEqual(ProfileFormat.Magic[..known])) throw new ProfileException($"{name}: is no profile of Lampyris");
        if (header.Length < ProfileFormat.HeaderBytes) throw new ProfileException($"{name}: is cut off within its first {ProfileFormat.HeaderBytes} bytes");
        int version = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        if (version != ProfileFormat.Version) throw new ProfileException($"{name}: is a profile of version {version}; this program reads version {ProfileFormat.Version}");
        ulong started = BinaryPrimitives.ReadUInt64LittleEndian(header[16..]);
        ulong interval = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        return new ProfileHeader(
            BinaryPrimitives.ReadInt32LittleEndian(header[12..]),
            DateTimeOffset.UnixEpoch.AddTicks((long)(started / TimeSpan.NanosecondsPerTick)),
            (long)Math.Min(interval, (ulong)PayloadReader.MaxNumber));
    }

    public static byte[] Bytes(int processId, DateTimeOffset started, long intervalBytes)
    {
        byte[] header = new byte[ProfileFormat.HeaderBytes];
        ProfileFormat.Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), ProfileFormat.Version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), processId);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(16), (ulong)(started - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(24), (ulong)intervalBytes);
        return header;
    }
}
