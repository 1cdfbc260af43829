using System;
using System.IO;
using System.IO.Compression;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;

namespace Shop;

// Precompiled code of the framework, over native libraries that allocate: zlib, brotli, OpenSSL.
internal static class Framework
{
    public static void Run()
    {
        byte[] data = new byte[20_000];
        new Random(1).NextBytes(data.AsSpan(0, 5000));
        for (int i = 0; i < 20; i++) Deflate(data);
        Site.ExpectAtLeast(20 * 100_000L, "Program.Main(string[]) > Framework.Run() > Framework.Deflate(byte[]) > *Deflate* > CompressionNative_DeflateInit2_");
        for (int i = 0; i < 20; i++) Brotli(data);
        Site.ExpectAtLeast(20 * 100_000L, "Program.Main(string[]) > Framework.Run() > Framework.Brotli(byte[]) > *Brotli* > BrotliEncoder*");
        for (int i = 0; i < 500; i++) Encrypt(data);
        Site.ExpectAtLeast(500 * 100L, "Framework.Run() > Framework.Encrypt(byte[]) > *Aes* > CryptoNative_EvpCipherCreate*");
        for (int i = 0; i < 500; i++) Hash(data);
        Site.ExpectAtLeast(500 * 50L, "Framework.Run() > Framework.Hash(byte[]) > *Hash* > CryptoNative_EvpMdCtxCreate");
        Handshakes(5);
        Site.ExpectAtLeast(5 * 10_000L, "start_thread > *SslStream* > CryptoNative_SslDoHandshake");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Deflate(byte[] data)
    {
        using var stream = new DeflateStream(Stream.Null, CompressionLevel.Optimal);
        stream.Write(data);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Brotli(byte[] data)
    {
        using var stream = new BrotliStream(Stream.Null, CompressionLevel.Fastest);
        stream.Write(data);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Encrypt(byte[] data)
    {
        using var aes = Aes.Create();
        aes.EncryptCbc(data.AsSpan(0, 1024), new byte[16]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Hash(byte[] data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(data);
        hash.GetHashAndReset();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Handshakes(int count)
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        for (int i = 0; i < count; i++) Handshake(listener, certificate).Wait();
    }

    static async Task Handshake(TcpListener listener, X509Certificate2 certificate)
    {
        using var client = new TcpClient();
        Task connecting = client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using TcpClient server = await listener.AcceptTcpClientAsync();
        await connecting;
        using var secureServer = new SslStream(server.GetStream());
        using var secureClient = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
        Task serving = Task.Run(() => secureServer.AuthenticateAsServerAsync(certificate));
        await secureClient.AuthenticateAsClientAsync("localhost");
        await serving;
        await secureClient.WriteAsync(new byte[1000]);
        await secureServer.ReadAtLeastAsync(new byte[1000], 1000);
    }
}
