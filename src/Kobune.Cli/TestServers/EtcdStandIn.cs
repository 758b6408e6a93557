using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kobune.Cli.Output;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Kobune.Cli.TestServers;

/// <summary>
/// Stands in for etcd beside <see cref="ApiServerStandIn"/>: owns the data folder, answers etcd's health check, and tells the API server where the folder is, which keeps its
/// objects there. So a test that stops its API server and starts another one over the same etcd finds its objects again. It speaks no gRPC.
/// </summary>
internal static class EtcdStandIn
{
    /// <summary>Where the API server asks.</summary>
    public const string StorePath = "/kobune/store";

    private static readonly string[] OwnFlags = ["advertise-client-urls", "data-dir", "listen-client-urls", "listen-peer-urls", "name", "unsafe-no-fsync", "help", "version"];

    /// <summary>Serves until it is cancelled.</summary>
    /// <exception cref="FormatException">A flag that etcd has not, or a value that cannot be used here.</exception>
    public static async Task RunAsync(IReadOnlyList<string> words, TextWriter output, CancellationToken ct)
    {
        var arguments = UpstreamArguments.Parse(words);
        if (arguments.Last("help") is not null)
        {
            await output.WriteAsync($"Usage:\n\n  etcd [flags]\n    Start Kobune's stand-in for etcd; all other flags of etcd are taken and change nothing.\n\n{StandIns.FlagLines(OwnFlags)}");
            return;
        }

        if (arguments.Last("version") is not null)
        {
            await output.WriteAsync($"etcd Version: 3.6.0 (stand-in of Kobune {Versions.Program})\n");
            return;
        }

        if (arguments.Flags.Select(f => f.Key).FirstOrDefault(k => !OwnFlags.Contains(k) && !Node.Settings.ExtraConfig.IsKnown("etcd", k)) is { } unknown)
        {
            throw new FormatException($"flag provided but not defined: -{unknown}");
        }

        var folder = Path.GetFullPath(arguments.Last("data-dir") ?? (arguments.Last("name") ?? "default") + ".etcd");
        Directory.CreateDirectory(folder);
        var store = JsonText.Write(w => JsonSerializer.Serialize(w, new(folder, arguments.Last("unsafe-no-fsync") != "true"), StandInStoreJson.Default.StandInStore));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, arguments.All("listen-client-urls")));
        await using var server = builder.Build();
        server.Run(context => AnswerAsync(context, store));
        await server.StartAsync(ct);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        }
        finally
        {
            await server.StopAsync(CancellationToken.None);
        }
    }

    private static void Listen(KestrelServerOptions kestrel, IReadOnlyList<string> urls)
    {
        foreach (var text in urls.Count > 0 ? urls : ["http://localhost:2379"])
        {
            var url = Uri.TryCreate(text, UriKind.Absolute, out var parsed) && parsed.Scheme == "http" ? parsed : throw new FormatException($"{text}: the stand-in for etcd listens at http://ADDRESS:PORT alone");
            if (url.Host == "localhost")
            {
                kestrel.ListenLocalhost(url.Port);
            }
            else
            {
                kestrel.Listen(IPAddress.TryParse(url.DnsSafeHost, out var address) ? address : throw new FormatException($"{text}: not an address of this computer"), url.Port);
            }
        }
    }

    private static Task AnswerAsync(HttpContext context, string store)
    {
        var answer = context.Request.Path.Value switch
        {
            "/health" => """{"health":"true","reason":""}""",
            "/version" => """{"etcdserver":"3.6.0","etcdcluster":"3.6.0"}""",
            "/livez" or "/readyz" => "ok\n",
            StorePath => store,
            _ => null,
        };
        if (answer is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            answer = "404 page not found\n";
        }

        context.Response.ContentType = answer[0] == '{' ? "application/json" : "text/plain; charset=utf-8";
        return context.Response.WriteAsync(answer, context.RequestAborted);
    }
}

/// <summary>What the stand-in for etcd tells the API server.</summary>
/// <param name="DataDir">Where the objects are kept.</param>
/// <param name="WaitsForDisk">Whether writes wait for the disk.</param>
internal sealed record StandInStore(string DataDir, bool WaitsForDisk);

[JsonSerializable(typeof(StandInStore))]
internal sealed partial class StandInStoreJson : JsonSerializerContext;
