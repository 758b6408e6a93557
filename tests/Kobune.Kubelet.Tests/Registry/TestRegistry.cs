using System.Collections.Concurrent;
using System.Text;
using Kobune.Kubelet.Registry.Pushing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Kobune.Kubelet.Tests.Registry;

/// <summary>A registry in memory that takes images from one user.</summary>
internal sealed class TestRegistry : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _challenge;
    private readonly RegistryUser? _user;

    private TestRegistry(string challenge, RegistryUser? user)
    {
        (_challenge, _user) = (challenge, user);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    public string Url => _app.Urls.First();

    /// <summary>Content by digest.</summary>
    public ConcurrentDictionary<string, string> Blobs { get; } = new();

    /// <summary>"repository:reference type" and when it came: 1 for the first.</summary>
    public ConcurrentDictionary<string, int> Manifests { get; } = new();

    public static async Task<TestRegistry> StartAsync(string challenge, RegistryUser? user)
    {
        var registry = new TestRegistry(challenge, user);
        await registry._app.StartAsync();
        return registry;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var path = request.Path.Value!;
        if (path == "/token")
        {
            await TokenAsync(context);
        }
        else if (!IsKnown(request))
        {
            response.StatusCode = 401;
            response.Headers.WWWAuthenticate = _challenge == "Basic" ? "Basic realm=\"test\"" : $"Bearer realm=\"{Url}/token\",service=\"test\"";
            await response.WriteAsync("""{"errors":[{"code":"UNAUTHORIZED","message":"who are you"}]}""");
        }
        else if (path.Contains("/manifests/", StringComparison.Ordinal))
        {
            Manifests[path[4..].Replace("/manifests/", ":", StringComparison.Ordinal) + " " + request.ContentType] = Manifests.Count + 1;
            response.StatusCode = 201;
        }
        else if (HttpMethods.IsHead(request.Method))
        {
            response.StatusCode = Blobs.ContainsKey(path[(path.LastIndexOf('/') + 1)..]) ? 200 : 404;
        }
        else if (HttpMethods.IsPost(request.Method))
        {
            response.StatusCode = 202;
            response.Headers.Location = "/v2/team/app/blobs/uploads/7?state=1"; // relative, as some answer
        }
        else if (HttpMethods.IsPut(request.Method))
        {
            Blobs[request.Query["digest"]!] = await new StreamReader(request.Body).ReadToEndAsync();
            response.StatusCode = request.Query["state"] == "1" ? 201 : 400;
        }
    }

    private bool IsKnown(HttpRequest request) => _challenge switch
    {
        "" => true,
        "Basic" => request.Headers.Authorization == BasicOf(_user!),
        _ => request.Headers.Authorization == "Bearer opened",
    };

    private async Task TokenAsync(HttpContext context)
    {
        var request = context.Request;
        var form = request.HasFormContentType ? await request.ReadFormAsync() : null;
        var isKnown = form is not null ? form["refresh_token"] == _user!.IdentityToken && form["scope"] == "repository:team/app:pull,push"
            : request.Headers.Authorization == BasicOf(_user!) && request.Query["scope"] == "repository:team/app:pull,push" && request.Query["service"] == "test";
        context.Response.StatusCode = isKnown ? 200 : 401;
        await context.Response.WriteAsync(isKnown ? form is null ? """{"token":"opened"}""" : """{"access_token":"opened"}""" : """{"errors":[{"message":"who are you"}]}""");
    }

    private static string BasicOf(RegistryUser user) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user.Name}:{user.Password}"));
}
