using Kobune.ApiServer.Certificates;

namespace Kobune.ApiServer.Tests.Certificates;

/// <summary>Signatures of RFC 8032, section 7.1.</summary>
public class Ed25519Tests
{
    private const string First = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    private const string Second = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    private const string OfFirst = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
    private const string OfSecond = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

    [Theory]
    [InlineData(First, "", OfFirst, true)]
    [InlineData(Second, "72", OfSecond, true)]
    [InlineData(Second, "73", OfSecond, false)]
    [InlineData(First, "72", OfSecond, false)]
    [InlineData(First, "", OfSecond, false)]
    [InlineData(First, "", "", false)]
    [InlineData("00", "", OfFirst, false)]
    public void A_signature_is_the_holders(string key, string message, string signature, bool holds) =>
        Assert.Equal(holds, Ed25519.Verify(Convert.FromHexString(key), Convert.FromHexString(message), Convert.FromHexString(signature)));

    [Fact]
    public void A_scalar_beyond_the_order_is_refused()
    {
        // The same scalar plus the order would satisfy the equation.
        var signature = Convert.FromHexString(OfFirst);
        var order = System.Numerics.BigInteger.Pow(2, 252) + System.Numerics.BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);
        var scalar = new System.Numerics.BigInteger(signature.AsSpan(32), isUnsigned: true) + order;
        scalar.TryWriteBytes(signature.AsSpan(32), out _, isUnsigned: true);
        Assert.False(Ed25519.Verify(Convert.FromHexString(First), [], signature));
    }
}
