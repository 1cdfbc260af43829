using System;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Lampyris.Benchmarks;

/// <summary>Makes the receipt of an order. Its native memory is the compressors' (zlib's, and of every second answer Brotli's) and
/// the digest's; all else is the GC heap's.</summary>
internal static class Till
{
    private const int BrotliQuality = 4;

    /// <summary>The receipt as JSON, compressed; tells by which encoding.</summary>
    public static (byte[] Content, string Encoding) Answer(Order order)
    {
        var text = new StringBuilder();
        int sum = 0;
        foreach (Line line in order.Lines)
        {
            sum += line.Count * line.Price;
            text.Append(CultureInfo.InvariantCulture, $"{line.Count,4} {line.Article.ToUpperInvariant(),-30} {line.Price / 100.0,10:0.00}\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"{order.Customer}: {sum / 100.0:0.00}\n");
        string digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new Receipt(text.ToString(), sum, digest), OrderJson.Default.Receipt);
        return sum % 2 == 0 ? (Compress(json, into => new GZipStream(into, CompressionLevel.Optimal)), "gzip")
            : (Compress(json, into => new BrotliStream(into, new BrotliCompressionOptions { Quality = BrotliQuality })), "br");
    }

    private static byte[] Compress(byte[] json, Func<Stream, Stream> compressor)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = compressor(compressed)) stream.Write(json);
        return compressed.ToArray();
    }
}
