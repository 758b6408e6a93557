using System.Text;
using Kobune.ApiServer.Http;
using Kobune.ApiServer.Tests.Admission.Policies;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Http;

/// <summary>Warnings as headers: what fits into them, and what is cut.</summary>
public class WarningHeadersTests
{
    [Theory]
    [InlineData("plain", "299 - \"plain\"")]
    [InlineData("a \"quoted\" \\ one", "299 - \"a \\\"quoted\\\" \\\\ one\"")]
    [InlineData("größer 大", "299 - \"größer 大\"")]
    [InlineData("two\nlines", null)]
    [InlineData("a\ttab", null)]
    [InlineData("\u0085", null)]
    [InlineData("", null)]
    public void One(string warning, string? header) => Assert.Equal(header is null ? [] : [header], WarningHeaders.Of([warning]));

    [Theory]
    [InlineData(2, 2048, new[] { 2048, 2048 })]
    [InlineData(1, 4097, new[] { 256 })]
    [InlineData(2, 2049, new[] { 256, 256 })]
    [InlineData(12, 600, new[] { 256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256 })]
    [InlineData(20, 300, new[] { 256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256, 256 })]
    [InlineData(30, 200, new[] { 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200 })]
    public void Many_are_cut_when_all_are_too_long(int count, int length, int[] lengths) =>
        Assert.Equal(lengths, WarningHeaders.Of(Enumerable.Range(0, count).Select(i => ((char)('a' + i)).ToString().PadRight(length, '大'))).Select(h => h.Length - "299 - \"\"".Length));

    [Fact]
    public async Task Words_of_a_policy_reach_the_client_as_they_are()
    {
        await using var https = await HttpsServer.StartAsync(configure: o => o with { Admission = new([new ApiServer.Admission.Policies.ValidatingAdmissionPolicyPlugin(new PolicyServer.AliceMayRead(), 36)]) });
        await PolicyServer.BindAsync(https.Server, "p", """{"validations":[{"expression":"false","message":"größer"}]}""", """{"validationActions":["Warn"]}""");
        using var client = https.Client();
        using var body = new StringContent(PolicyServer.Map("a", "x"), Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri(PolicyServer.Maps, UriKind.Relative), body, TestContext.Current.CancellationToken);
        Assert.Equal("299 - \"Validation failed for ValidatingAdmissionPolicy 'p' with binding 'p-binding': größer\"", Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(answer.Headers.GetValues("Warning").Single())));
    }
}
