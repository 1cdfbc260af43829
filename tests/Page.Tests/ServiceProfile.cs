using System;
using System.Collections.Generic;
using System.Linq;
using Lampyris.Analysis;

namespace Lampyris.Page.Tests;

/// <summary>A web service on ASP.NET as a profile shows it: TLS, compression, SQLite, images and RocksDB below managed code, and a leak.</summary>
static class ServiceProfile
{
    const long KiB = 1024;

    static readonly string[] s_start = ["n|clone3|libc.so.6", "n|start_thread|libc.so.6", "r|CorUnix::CPalThread::ThreadEntry(void*)|libcoreclr.so",
        "r|ManagedThreadBase_DispatchOuter(ManagedThreadCallState*)|libcoreclr.so", "r|CallDescrWorkerInternal|libcoreclr.so"];
    static readonly string[] s_pool = [.. s_start, "m|System.Threading.PortableThreadPool+WorkerThread.WorkerThreadStart()|System.Private.CoreLib.dll",
        "m|System.Threading.ThreadPoolWorkQueue.Dispatch()|System.Private.CoreLib.dll"];
    static readonly string[] s_resume = [.. s_pool, "m|System.Runtime.CompilerServices.AsyncTaskMethodBuilder`1+AsyncStateMachineBox`1.MoveNext(System.Threading.Thread)|System.Private.CoreLib.dll",
        "m|System.Threading.ExecutionContext.RunFromThreadPoolDispatchLoop(System.Threading.Thread, System.Threading.ExecutionContext)|System.Private.CoreLib.dll"];
    static readonly string[] s_tls = [.. s_pool, "m|Microsoft.AspNetCore.Server.Kestrel.Https.Internal.HttpsConnectionMiddleware.OnConnectionAsync(ConnectionContext)|Microsoft.AspNetCore.Server.Kestrel.Core.dll|HttpsConnectionMiddleware.cs:231",
        "m|System.Net.Security.SslStream.ForceAuthenticationAsync(Boolean, Byte[])|System.Net.Security.dll|SslStream.IO.cs:309",
        "m|Interop+OpenSsl.DoSslHandshake(SafeSslHandle, ReadOnlySpan`1)|System.Net.Security.dll|Interop.OpenSsl.cs:398", "r|PInvoke stub|libcoreclr.so",
        "n|CryptoNative_SslDoHandshake|libSystem.Security.Cryptography.Native.OpenSsl.so", "n|SSL_do_handshake|libssl.so.3"];
    static readonly string[] s_request = [.. s_resume,
        "m|Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpProtocol.ProcessRequests(IHttpApplication`1)|Microsoft.AspNetCore.Server.Kestrel.Core.dll|HttpProtocol.cs:656",
        "m|Microsoft.AspNetCore.ResponseCompression.ResponseCompressionMiddleware.InvokeCore(HttpContext)|Microsoft.AspNetCore.ResponseCompression.dll|ResponseCompressionMiddleware.cs:61",
        "m|Microsoft.AspNetCore.Routing.EndpointMiddleware.Invoke(HttpContext)|Microsoft.AspNetCore.Routing.dll|EndpointMiddleware.cs:92"];

    public static Profile Make(double growth = 1)
    {
        Random random = new(7);
        ProfileBuilder profile = new()
        {
            Command = ["dotnet", "Shop.Api.dll", "--urls", "https://*:8443", "--environment", "Production"],
            Executable = "/usr/share/dotnet/dotnet",
            Duration = TimeSpan.FromSeconds(1487),
            PeakTime = TimeSpan.FromSeconds(1391),
            LostCount = 3,
            Remarks = ["The process was killed: what was live is what was live then."],
        };

        void Add(string thread, double livePart, double peakPart, long allocatedKiB, int blockBytes, params string[] frames)
        {
            double noise = 0.9 + 0.2 * random.NextDouble();
            long allocated = (long)(allocatedKiB * KiB * noise), live = (long)(allocated * livePart), peak = (long)(allocated * peakPart);
            profile.Add(thread, new Weight(live, live / blockBytes), new Weight(peak, peak / blockBytes), new Weight(allocated, allocated / blockBytes), frames);
        }

        string pool = ".NET TP Worker";
        // TLS: contexts of open connections, buffers that come and go.
        foreach ((string[] below, double live, long kib, int block) in new (string[], double, long, int)[]
        {
            (["n|state_machine|libssl.so.3", "n|tls_process_client_hello|libssl.so.3", "n|tls_early_post_process_client_hello|libssl.so.3", "n|SSL_SESSION_new|libssl.so.3", "n|CRYPTO_zalloc|libcrypto.so.3"], 0.24, 190_000, 1100),
            (["n|state_machine|libssl.so.3", "n|tls_construct_server_certificate|libssl.so.3", "n|ssl3_output_cert_chain|libssl.so.3", "n|X509_dup|libcrypto.so.3", "n|CRYPTO_malloc|libcrypto.so.3"], 0.07, 260_000, 420),
            (["n|state_machine|libssl.so.3", "n|ssl3_setup_read_buffer|libssl.so.3", "n|CRYPTO_malloc|libcrypto.so.3"], 0.11, 300_000, 16_704),
            (["n|state_machine|libssl.so.3", "n|ssl3_setup_write_buffer|libssl.so.3", "n|CRYPTO_malloc|libcrypto.so.3"], 0.10, 280_000, 16_704),
            (["n|state_machine|libssl.so.3", "n|tls_construct_server_key_exchange|libssl.so.3", "n|EVP_PKEY_generate|libcrypto.so.3", "n|ossl_ecx_key_new|libcrypto.so.3", "n|CRYPTO_zalloc|libcrypto.so.3"], 0.01, 120_000, 160),
        }) Add(pool, live, live * 1.25, kib, block, [.. s_tls, .. below]);
        Add(pool, 0.5, 0.62, 62_000, 2400, [.. s_tls[..^3], "m|System.Net.Security.SslStreamPal.AcquireCredentialsHandle(SslAuthenticationOptions)|System.Net.Security.dll", "r|PInvoke stub|libcoreclr.so",
            "n|CryptoNative_SslCtxCreate|libSystem.Security.Cryptography.Native.OpenSsl.so", "n|SSL_CTX_new_ex|libssl.so.3", "n|CRYPTO_zalloc|libcrypto.so.3"]);
        // Compression: an encoder for each response.
        string[] compress = [.. s_request[..^1], "m|Microsoft.AspNetCore.ResponseCompression.ResponseCompressionBody.WriteAsync(ReadOnlyMemory`1, CancellationToken)|Microsoft.AspNetCore.ResponseCompression.dll|ResponseCompressionBody.cs:174"];
        Add(pool, 0.02, 0.06, 1_900_000, 262_144, [.. compress, "m|System.IO.Compression.BrotliStream.WriteAsyncMemoryCore(ReadOnlyMemory`1, CancellationToken, Boolean)|System.IO.Compression.Brotli.dll",
            "m|System.IO.Compression.BrotliEncoder.Compress(ReadOnlySpan`1, Span`1, Int32&, Int32&, Boolean)|System.IO.Compression.Brotli.dll", "r|PInvoke stub|libcoreclr.so", "n|BrotliEncoderCompressStream|libSystem.IO.Compression.Native.so", "n|BrotliAllocate|libSystem.IO.Compression.Native.so"]);
        foreach ((string function, int block, double live) in new[] { ("deflateInit2_", 5_952, 0.012), ("deflateInit2_ window", 65_536, 0.021), ("deflateInit2_ hash", 131_072, 0.03) })
            Add(pool, live, live * 2.4, 900_000, block, [.. compress, "m|System.IO.Compression.DeflateStream.WriteCore(ReadOnlySpan`1)|System.IO.Compression.dll|DeflateStream.cs:641",
                "m|System.IO.Compression.ZLibNative+ZLibStreamHandle.DeflateInit2_(CompressionLevel, Int32, Int32, CompressionStrategy)|System.IO.Compression.dll", "r|PInvoke stub|libcoreclr.so",
                "n|CompressionNative_DeflateInit2_|libSystem.IO.Compression.Native.so", "n|" + function.Split(' ')[0] + "|libz.so.1", "n|zcalloc|libz.so.1|zutil.c:" + (block % 300)]);
        // The leak: thumbnails that nobody disposes of.
        string[] images = [.. s_request, "m|Shop.Api.Controllers.CatalogController+<GetThumbnail>d__7.MoveNext()|Shop.Api.dll|CatalogController.cs:88", "m|Shop.Imaging.ThumbnailCache.GetOrCreate(String, Int32)|Shop.Imaging.dll|ThumbnailCache.cs:41"];
        Add(pool, 0.71 * growth, 0.78, 640_000, 307_200, [.. images, "m|SkiaSharp.SKBitmap.Decode(Byte[])|SkiaSharp.dll", "r|PInvoke stub|libcoreclr.so", "n|sk_codec_get_pixels|libSkiaSharp.so",
            "n|SkMallocPixelRef::MakeAllocate(SkImageInfo const&, unsigned long)|libSkiaSharp.so|SkMallocPixelRef.cpp:52"]);
        Add(pool, 0.05, 0.12, 520_000, 90_000, [.. images, "m|SkiaSharp.SKBitmap.Resize(SKImageInfo, SKSamplingOptions)|SkiaSharp.dll", "r|PInvoke stub|libcoreclr.so", "n|sk_bitmap_scale|libSkiaSharp.so", "n|SkAutoMalloc::reset(unsigned long)|libSkiaSharp.so"]);
        Add(pool, 0.0, 0.03, 350_000, 32_768, [.. images, "m|SkiaSharp.SKBitmap.Decode(Byte[])|SkiaSharp.dll", "r|PInvoke stub|libcoreclr.so", "n|sk_codec_get_pixels|libSkiaSharp.so", "n|jpeg_start_decompress|libSkiaSharp.so", "n|alloc_large|libSkiaSharp.so|jmemmgr.c:397"]);
        // SQLite.
        string[] sql = [.. s_request, "m|Shop.Api.Controllers.OrdersController+<Search>d__4.MoveNext()|Shop.Api.dll|OrdersController.cs:57", "m|Microsoft.EntityFrameworkCore.Query.Internal.SingleQueryingEnumerable`1+AsyncEnumerator.MoveNextAsync()|Microsoft.EntityFrameworkCore.Relational.dll",
            "m|Microsoft.Data.Sqlite.SqliteCommand.ExecuteReader(CommandBehavior)|Microsoft.Data.Sqlite.dll|SqliteCommand.cs:301", "r|PInvoke stub|libcoreclr.so"];
        Add(pool, 0.28, 0.3, 300_000, 4_360, [.. sql, "n|sqlite3_step|libe_sqlite3.so", "n|sqlite3VdbeExec|libe_sqlite3.so", "n|sqlite3BtreeNext|libe_sqlite3.so", "n|sqlite3PagerGet|libe_sqlite3.so", "n|pcache1Alloc|libe_sqlite3.so|pcache1.c:412", "n|sqlite3MemMalloc|libe_sqlite3.so"]);
        Add(pool, 0.04, 0.05, 420_000, 760, [.. sql, "n|sqlite3_prepare_v2|libe_sqlite3.so", "n|sqlite3RunParser|libe_sqlite3.so", "n|sqlite3DbMallocRawNN|libe_sqlite3.so", "n|sqlite3MemMalloc|libe_sqlite3.so"]);
        Add(pool, 0.02, 0.04, 230_000, 2_048, [.. sql, "n|sqlite3_step|libe_sqlite3.so", "n|sqlite3VdbeExec|libe_sqlite3.so", "n|sqlite3VdbeSorterWrite|libe_sqlite3.so", "n|sqlite3MemMalloc|libe_sqlite3.so"]);
        // RocksDB, its own threads included.
        string block8 = "n|std::__detail::_Hashtable_alloc<std::allocator<std::__detail::_Hash_node<std::pair<std::string const, std::shared_ptr<rocksdb::Cache::CacheItemHelper>>, true>>>::_M_allocate_node|librocksdb.so.9";
        string[] rocks = [.. s_request, "m|Shop.Api.Controllers.CartController.Load(String)|Shop.Api.dll|CartController.cs:33", "m|RocksDbSharp.RocksDb.Get(Byte[], ColumnFamilyHandle, ReadOptions)|RocksDbSharp.dll", "r|PInvoke stub|libcoreclr.so",
            "n|rocksdb_get_cf|librocksdb.so.9", "n|rocksdb::DBImpl::GetImpl(rocksdb::ReadOptions const&, rocksdb::Slice const&, rocksdb::DBImpl::GetImplOptions&)|librocksdb.so.9|db_impl.cc:2412", "n|rocksdb::BlockBasedTable::RetrieveBlock<rocksdb::Block_kData>(rocksdb::FilePrefetchBuffer*, rocksdb::ReadOptions const&)|librocksdb.so.9"];
        Add(pool, 0.33, 0.36, 270_000, 4_200, [.. rocks, "n|rocksdb::BlockFetcher::ReadBlockContents()|librocksdb.so.9|block_fetcher.cc:251"]);
        Add(pool, 0.18, 0.2, 60_000, 72, [.. rocks, block8]);
        Add("rocksdb:low", 0.06, 0.1, 410_000, 65_536, "n|clone3|libc.so.6", "n|start_thread|libc.so.6", "n|rocksdb::ThreadPoolImpl::Impl::BGThreadWrapper(void*)|librocksdb.so.9", "n|rocksdb::DBImpl::BackgroundCompaction(bool*, rocksdb::JobContext*)|librocksdb.so.9", "n|rocksdb::CompactionJob::ProcessKeyValueCompaction(rocksdb::SubcompactionState*)|librocksdb.so.9|compaction_job.cc:1198", "n|rocksdb::Arena::AllocateNewBlock(unsigned long)|librocksdb.so.9");
        // The runtime itself.
        string[] jit = [.. s_start[..4], "r|TieredCompilation::BackgroundWorkerStart()|libcoreclr.so", "r|UnsafeJitFunction(PrepareCodeConfig*)|libcoreclr.so"];
        Add(".NET Tiered Compilation Worker", 0.01, 0.02, 620_000, 65_536, [.. jit, "r|Compiler::compCompile(CORINFO_MODULE_STRUCT_*)|libclrjit.so", "r|ArenaAllocator::allocateNewPage(unsigned long)|libclrjit.so"]);
        Add(".NET Tiered Compilation Worker", 0.42, 0.43, 40_000, 3_000, [.. jit, "r|HostCodeHeap::CreateCodeHeap(CodeHeapRequestInfo*)|libcoreclr.so"]);
        Add("Shop.Api", 0.9, 0.9, 18_000, 700, "n|_start|dotnet", "n|main|dotnet", "n|hostfxr_main_startupinfo|libhostfxr.so", "r|coreclr_execute_assembly|libcoreclr.so", "r|CallDescrWorkerInternal|libcoreclr.so", "m|Shop.Api.Program.<Main>$(String[])|Shop.Api.dll|Program.cs:14",
            "m|Microsoft.Extensions.Hosting.HostBuilder.Build()|Microsoft.Extensions.Hosting.dll", "r|ClassLoader::LoadTypeHandleThrowing(NameHandle*, ClassLoadLevel)|libcoreclr.so", "r|EEClass::operator new(unsigned long, LoaderHeap*)|libcoreclr.so");
        Add(pool, 0.55, 0.55, 30_000, 512, [.. s_request, "m|Shop.Api.Pricing.NativeRules.Evaluate(IntPtr)|Shop.Api.dll|NativeRules.cs:19", "r|PInvoke stub|libcoreclr.so", "u|libpricing.so+0x1a2f0|libpricing.so", "u|libpricing.so+0x9c41|libpricing.so"]);
        // The GC heap: only what was allocated.
        foreach ((string type, long kib) in new (string, long)[] { ("System.Byte[]", 2_400_000), ("System.String", 1_300_000), ("System.Char[]", 500_000), ("Shop.Api.Models.OrderLine", 420_000) })
            Add(pool, 0, 0, kib, 320, [.. s_request, "m|Shop.Api.Controllers.OrdersController+<Search>d__4.MoveNext()|Shop.Api.dll|OrdersController.cs:71", "o|" + type]);

        profile.Timeline = [.. Timeline(profile.Build().Sites, random)];
        profile.AddMark(TimeSpan.FromSeconds(1391), MarkReason.MemoryRefused, 307_200, 1);
        return profile.Build();
    }

    /// <summary>Requests by the minute over a leak, and after the refusal less load.</summary>
    static IEnumerable<TimelinePoint> Timeline(IReadOnlyList<Site> sites, Random random)
    {
        long peak = sites.Sum(static site => site.Peak.Bytes), rss = 0;
        for (int second = 0; second <= 1487; second += 2)
        {
            double load = 0.09 * Math.Sin(second / 47.0) + 0.05 * Math.Sin(second / 11.0) + 0.03 * random.NextDouble();
            double level = second < 1391 ? 0.18 + 0.68 * second / 1391.0 + load * Math.Min(1, second / 60.0) : 0.86 - 0.05 * (second - 1391) / 96.0 + load / 2;
            long live = second is >= 1390 and < 1392 ? peak : Math.Min(peak - 1, (long)(peak * Math.Min(0.985, level)));
            rss = Math.Max(live + 96 * 1024 * KiB, rss - 3 * 1024 * KiB);
            yield return new TimelinePoint(TimeSpan.FromSeconds(second), rss, live);
        }
    }
}
