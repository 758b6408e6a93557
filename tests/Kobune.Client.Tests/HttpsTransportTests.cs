using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kobune.Client.Tests;

public sealed class HttpsTransportTests : IAsyncLifetime
{
    private readonly X509Certificate2 _server = SelfSigned("kubernetes");
    private readonly X509Certificate2 _user = SelfSigned("kubernetes-admin");
    private WebApplication _app = null!;
    private Uri _address = null!;
    private RequestDelegate _handler = _ => Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(_server, h =>
        {
            h.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            h.AllowAnyClientCertificate();
        })));
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(context => _handler(context));
        await _app.StartAsync();
        _address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _server.Dispose();
        _user.Dispose();
    }

    [Fact]
    public async Task A_request_carries_identity_agent_and_protocol()
    {
        _handler = c => c.Response.WriteAsync($$$"""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"{{{c.Connection.ClientCertificate!.Subject}}}","namespace":"{{{c.Request.Headers.UserAgent}}}","uid":"{{{c.Request.Protocol}}}","generateName":"{{{c.Request.Headers.Authorization}}}"}}""");
        using var transport = Transport();
        var pod = await new KubernetesClient(transport, TimeProvider.System).GetAsync<Pod>("default", "a", default);
        Assert.Equal(("CN=kubernetes-admin", "kube-test/v1", "HTTP/2", "Bearer t1"), (pod.Metadata.Name, pod.Metadata.Namespace, pod.Metadata.Uid, pod.Metadata.GenerateName));
    }

    [Fact]
    public async Task A_server_of_another_authority_is_not_trusted()
    {
        using var other = SelfSigned("kubernetes");
        using var transport = new HttpsTransport(new() { Server = _address, Authorities = [other], ServerName = "kubernetes" });
        await Assert.ThrowsAsync<HttpRequestException>(() => transport.SendAsync(new("GET", "/version"), default).AsTask());
    }

    [Fact]
    public async Task A_refusal_is_the_servers_own_status()
    {
        _handler = c =>
        {
            c.Response.StatusCode = 409;
            return c.Response.WriteAsync("""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods \"a\" already exists","reason":"AlreadyExists","code":409}""");
        };
        using var transport = Transport();
        var error = await Assert.ThrowsAsync<ApiException>(() => new KubernetesClient(transport, TimeProvider.System).CreateAsync(new Pod(), default));
        Assert.True(error.IsAlreadyExists);
        Assert.Equal("pods \"a\" already exists", error.Message);
    }

    [Fact]
    public async Task A_server_that_asks_to_come_later_is_asked_again()
    {
        var asked = 0;
        _handler = c =>
        {
            if (Interlocked.Increment(ref asked) == 1)
            {
                c.Response.StatusCode = 429;
                c.Response.Headers.RetryAfter = "0";
                return Task.CompletedTask;
            }

            return c.Response.WriteAsync("""{"metadata":{"name":"a"}}""");
        };
        using var transport = Transport();
        Assert.Equal("a", (await new KubernetesClient(transport, TimeProvider.System).GetAsync<Pod>("default", "a", default)).Metadata.Name);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_list_is_cut_into_its_items()
    {
        _handler = c => c.Response.WriteAsync("""{"kind":"PodList","items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}],"metadata":{"resourceVersion":"7","continue":"next"}}""");
        using var transport = Transport();
        var list = await new KubernetesClient(transport, TimeProvider.System).ListAsync<Pod>("", new ListOptions { Limit = 2, LabelSelector = "app in (a,b)" }, default);
        Assert.Equal(["a", "b"], list.Items.Select(p => p.Metadata.Name));
        Assert.Equal(("7", "next"), (list.ResourceVersion, list.Continue));
    }

    [Fact]
    public async Task A_watch_streams_and_a_broken_one_ends_with_an_error_event()
    {
        var goOn = new TaskCompletionSource();
        _handler = async c =>
        {
            await c.Response.WriteAsync("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}\n{\"type\":\"MODI");
            await c.Response.Body.FlushAsync();
            await goOn.Task;
            c.Abort();
        };
        using var transport = Transport();
        await using var events = transport.WatchAsync(new("GET", "/api/v1/pods?watch=true"), default).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync().AsTask().Happens("the first event, before the answer ends"));
        Assert.Equal("ADDED", events.Current.Type);
        goOn.SetResult();
        Assert.True(await events.MoveNextAsync().AsTask().Happens("an error event"));
        Assert.Equal("ERROR", events.Current.Type);
        Assert.False(await events.MoveNextAsync());
    }

    [Fact]
    public async Task A_refused_watch_and_a_server_that_is_away_are_error_events()
    {
        _handler = c =>
        {
            c.Response.StatusCode = 410;
            return c.Response.WriteAsync("""{"kind":"Status","reason":"Expired","code":410,"message":"too old"}""");
        };
        using var transport = Transport();
        Assert.Equal(410, (await First(transport)).Code);
        await _app.StopAsync();
        Assert.Equal(StatusReason.ServiceUnavailable, (await First(transport)).Reason);
    }

    [Fact]
    public async Task An_upgrade_gives_a_stream_in_both_directions()
    {
        _handler = async c =>
        {
            if (c.Request.Path == "/no")
            {
                c.Response.StatusCode = 403;
                return;
            }

            c.Response.Headers["X-Stream-Protocol-Version"] = "v4.channel.k8s.io";
            await using var stream = await c.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
            var buffer = new byte[4];
            await stream.ReadExactlyAsync(buffer);
            await stream.WriteAsync(buffer.Reverse().ToArray());
        };
        using var transport = Transport();
        await using var refused = await transport.UpgradeAsync(new("POST", "/no"), "SPDY/3.1", default);
        Assert.Equal(403, refused.Refusal!.StatusCode);
        await using var upgrade = await transport.UpgradeAsync(new("POST", "/exec"), "SPDY/3.1", default);
        Assert.Equal("v4.channel.k8s.io", upgrade.Protocol);
        await upgrade.Stream!.WriteAsync("abcd"u8.ToArray());
        var answer = new byte[4];
        await upgrade.Stream.ReadExactlyAsync(answer).AsTask().Happens("the echo");
        Assert.Equal("dcba", Encoding.UTF8.GetString(answer));
    }

    private static async Task<Status> First(HttpsTransport transport)
    {
        await foreach (var change in transport.WatchAsync(new("GET", "/api/v1/pods?watch=true"), default))
        {
            return change.Object.Read<Status>();
        }

        throw new InvalidOperationException("no event");
    }

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private HttpsTransport Transport() => new(new()
    {
        Server = _address,
        ServerName = "kubernetes",
        Authorities = [_server],
        ClientCertificate = () => _user,
        BearerToken = () => "t1",
        UserAgent = "kube-test/v1",
    });
}
