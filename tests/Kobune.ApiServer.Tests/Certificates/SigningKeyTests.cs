using System.Security.Cryptography;
using Kobune.ApiServer.Certificates;

namespace Kobune.ApiServer.Tests.Certificates;

public class SigningKeyTests
{
    [Fact]
    public void Elliptic_and_rsa_keys_verify_their_own_signatures_only()
    {
        using var rsa = RSA.Create(2048);
        using var one = SigningKey.Create();
        using var two = SigningKey.Load(rsa.ExportRSAPrivateKeyPem());
        byte[] data = [1, 2, 3];
        Assert.True(one.Verify(data, one.Sign(data)));
        Assert.True(two.Verify(data, two.Sign(data)));
        Assert.False(one.Verify(data, two.Sign(data)));
        Assert.False(two.Verify([1, 2], two.Sign(data)));
        Assert.Equal(("ES256", "RS256"), (one.Algorithm, two.Algorithm));
    }

    [Fact]
    public void Written_key_is_the_same_key()
    {
        using var key = SigningKey.Create();
        using var again = SigningKey.Load(key.ExportPem());
        Assert.Equal(key.KeyId, again.KeyId);
        Assert.True(again.Verify([7], key.Sign([7])));
    }

    [Fact]
    public void Weak_and_damaged_keys_are_refused()
    {
        using var weak = RSA.Create(1024);
        Assert.Equal("the service account key must be EC P-256 or RSA of at least 2048 bits", Assert.Throws<CryptographicException>(() => SigningKey.Load(weak.ExportPkcs8PrivateKeyPem())).Message);
        Assert.Equal("the service account key is neither an EC nor an RSA key in PEM", Assert.Throws<CryptographicException>(() => SigningKey.Load("x")).Message);
    }
}
