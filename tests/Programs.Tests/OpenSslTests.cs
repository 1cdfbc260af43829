// OpenSSL: keys, signatures, ciphers, and its own speed test in two processes.
using System;

namespace Lampyris.Programs.Tests;

public class OpenSslTests
{
    [Fact]
    public void OpenSslSignsEncryptsAndVerifiesTheSame() => Compare.WithAndWithout(scene =>
    {
        scene.Shell("for i in $(seq 200000); do echo \"line $i\"; done > text");
        scene.Run("openssl", "genrsa", "-out", "key.pem", "3072");
        scene.Run("openssl", "rsa", "-in", "key.pem", "-pubout", "-out", "public.pem");
        scene.Run("openssl", "dgst", "-sha512", "-sign", "key.pem", "-out", "signature", "text");
        string verdict = scene.Run("openssl", "dgst", "-sha512", "-verify", "public.pem", "-signature", "signature", "text");
        scene.Run("openssl", "enc", "-aes-256-cbc", "-K", new string('a', 64), "-iv", new string('1', 32), "-in", "text", "-out", "secret");
        scene.Run("openssl", "enc", "-d", "-aes-256-cbc", "-K", new string('a', 64), "-iv", new string('1', 32), "-in", "secret", "-out", "text2");
        Assert.Equal(scene.Sha256("text"), scene.Sha256("text2"));
        string speed = scene.Run("openssl", "speed", "-seconds", "1", "-bytes", "4096", "-multi", "2", "sha256", "ecdsap256");
        Assert.Contains("sign/s", speed, StringComparison.Ordinal);
        return verdict + scene.Sha256("secret") + scene.Run("openssl", "dgst", "-sha3-256", "text") + scene.Run("openssl", "ciphers", "-v");
    });
}
