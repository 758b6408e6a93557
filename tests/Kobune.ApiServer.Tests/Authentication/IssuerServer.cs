using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Kobune.ApiServer.Tests.Authentication;

/// <summary>An OpenID Connect provider over HTTPS on a loopback port, with keys that a test chooses.</summary>
internal sealed class IssuerServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kobune-issuer-");
    private LoopbackHttps _server = null!;

    private IssuerServer()
    {
    }

    /// <summary>The paths that were asked for.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public string Url => _server.Address.ToString().TrimEnd('/');

    public string AuthorityFile => Path.Combine(_folder.FullName, "ca.crt");

    /// <summary>What the configuration names as its issuer; null for the right one.</summary>
    public string? Issuer { get; set; }

    /// <summary>Where the configuration is.</summary>
    public string DiscoveryPath { get; set; } = "/.well-known/openid-configuration";

    /// <summary>The published keys, by their id.</summary>
    public Dictionary<string, AsymmetricAlgorithm> Keys { get; } = new() { ["one"] = RSA.Create(2048) };

    /// <summary>Other paths, and the texts that are there.</summary>
    public Dictionary<string, string> Texts { get; } = [];

    /// <summary>The credential of the last request.</summary>
    public string LastAuthorization { get; private set; } = "";

    /// <summary>Whether it answers with 500.</summary>
    public bool Fails { get; set; }

    public static async Task<IssuerServer> StartAsync()
    {
        var issuer = new IssuerServer();
        issuer._server = await LoopbackHttps.StartAsync(issuer.ServeAsync);
        await File.WriteAllTextAsync(issuer.AuthorityFile, issuer._server.AuthorityPem, TestContext.Current.CancellationToken);
        return issuer;
    }

    /// <summary>An ID token of one of the keys.</summary>
    public string Token(string claims, string algorithm = "RS256", string? kid = "one", AsymmetricAlgorithm? key = null)
    {
        var header = kid is null ? $$"""{"alg":"{{algorithm}}"}""" : $$"""{"alg":"{{algorithm}}","kid":"{{kid}}"}""";
        var signed = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header)) + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims));
        var hash = new HashAlgorithmName("SHA" + algorithm[2..]);
        var data = Encoding.ASCII.GetBytes(signed);
        var signature = (key ?? Keys[kid ?? "one"]) switch
        {
            RSA rsa => rsa.SignData(data, hash, algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1),
            ECDsa ec => ec.SignData(data, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
            _ => throw new NotSupportedException(),
        };
        return signed + "." + Base64Url.EncodeToString(signature);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task ServeAsync(HttpContext context)
    {
        Asked.Enqueue(context.Request.Path);
        if (Texts.TryGetValue(context.Request.Path, out var text))
        {
            LastAuthorization = context.Request.Headers.Authorization.ToString();
            await context.Response.WriteAsync(text, context.RequestAborted);
            return;
        }

        JsonObject? document = Fails ? null : context.Request.Path.Value switch
        {
            var path when path == DiscoveryPath => new() { ["issuer"] = Issuer ?? Url, ["jwks_uri"] = Url + "/keys" },
            "/keys" => new() { ["keys"] = new JsonArray([.. Keys.Select(k => Write(k.Key, k.Value)), new JsonObject { ["kty"] = "oct", ["k"] = "c2VjcmV0" }]) },
            _ => null,
        };
        context.Response.StatusCode = document is null ? 500 : 200;
        await context.Response.WriteAsync(document?.ToJsonString() ?? "no", context.RequestAborted);
    }

    private static JsonObject Write(string id, AsymmetricAlgorithm key)
    {
        if (key is RSA rsa)
        {
            var p = rsa.ExportParameters(false);
            return new() { ["kty"] = "RSA", ["kid"] = id, ["n"] = Base64Url.EncodeToString(p.Modulus), ["e"] = Base64Url.EncodeToString(p.Exponent) };
        }

        var point = ((ECDsa)key).ExportParameters(false).Q;
        return new() { ["kty"] = "EC", ["kid"] = id, ["crv"] = $"P-{key.KeySize}", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
    }
}
