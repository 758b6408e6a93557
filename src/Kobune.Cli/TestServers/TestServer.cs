using Kobune.Api.Schema;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;
using Kobune.Node.Settings;
using Kobune.Testing;

namespace Kobune.Cli.TestServers;

/// <summary>Runs a test cluster as a program of its own: until it is asked to end, or its standard input ends. Nothing is left behind.</summary>
internal sealed class TestServer(CommandContext context, Reporter reporter)
{
    /// <summary>Upstream's limit of a cluster.</summary>
    public const int MostNodes = 5000;

    private static readonly string[] Components = ["apiserver", "controller-manager", "scheduler"];

    /// <summary>Standard input; tests give their own.</summary>
    public Func<Stream> Input { get; init; } = Console.OpenStandardInput;

    /// <summary>Runs it; returns when it has ended because it was asked to.</summary>
    public async Task RunAsync(TestServerRequest request, CancellationToken ct)
    {
        ServerKubeconfig.Check(request.Kubeconfig);
        Warn(request);
        await using var cluster = await StartAsync(request, ct);
        using var named = request.Kubeconfig is { } path ? ServerKubeconfig.Write(path, cluster.Kubeconfig()) : null;
        Tell(request, cluster.Address!.GetLeftPart(UriPartial.Authority), named?.Path ?? cluster.KubeconfigFile());
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var input = request.UntilStdinCloses ? WaitForEndAsync(end) : Task.CompletedTask;
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.Time, end.Token);
        }
        catch (OperationCanceledException)
        {
            // asked to end
        }

        if (input.IsCompleted)
        {
            await input;
        }
    }

    private static async Task<TestCluster> StartAsync(TestServerRequest request, CancellationToken ct)
    {
        var version = KubernetesVersion.ParseOrNewest(request.Kubernetes.KubernetesVersion);
        var settings = new ComponentSettings(request.Kubernetes.ExtraOptions);
        try
        {
            return await TestCluster.StartAsync(
                o => o with
                {
                    Https = true,
                    Port = request.Port,
                    Nodes = request.ApiOnly ? 0 : request.Nodes,
                    Version = version,
                    Features = settings.Features("apiserver", version, request.Kubernetes.FeatureGates),
                    RunControllers = !request.ApiOnly,
                    RunScheduler = !request.ApiOnly,
                    Settings = plane => settings.ControlPlane(plane, request.Kubernetes.FeatureGates),
                },
                ct);
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // a file that a setting names
            throw e is FileNotFoundException { FileName: { } path } ? new CliException(Reason.PathMissing, Message.PathMissing, path) : new CliException(Reason.PathMissing, Message.Unexpected, e.Message);
        }
        catch (IOException e) when (request.Port != 0)
        {
            throw new CliException(Reason.PortInUse, Message.TestServerPortInUse, request.Port, e.Message);
        }
    }

    // Settings of parts that are not here.
    private void Warn(TestServerRequest request)
    {
        KubernetesCheck.WarnAboutIgnored(request.Kubernetes, reporter);
        foreach (var extra in request.Kubernetes.ExtraOptions.Select(ExtraConfig.Parse).OfType<ExtraConfig>().Where(e => e.Effect == SettingEffect.Applied && !Components.Contains(e.Component)))
        {
            reporter.Warn(Message.SettingNoEffect, "--extra-config", $"{extra.Component}.{extra.Key}");
        }
    }

    private void Tell(TestServerRequest request, string address, string kubeconfig)
    {
        if (reporter.IsJson)
        {
            context.Out.WriteLine(JsonText.Write(w =>
            {
                w.WriteStartObject();
                w.WriteString("address", address);
                w.WriteString("kubeconfig", kubeconfig);
                w.WriteString("kubernetesVersion", request.Kubernetes.KubernetesVersion);
                w.WriteNumber("nodes", request.ApiOnly ? 0 : request.Nodes);
                w.WriteEndObject();
            }));
            context.Out.Flush();
            return;
        }

        reporter.Info(Icon.Running, Message.TestServerRunning, request.Kubernetes.KubernetesVersion, address, request.ApiOnly ? 0 : request.Nodes);
        reporter.Info(Icon.Command, Message.TestServerUse, kubeconfig);
        reporter.Info(Icon.Tip, request.UntilStdinCloses ? Message.TestServerEndsWithInput : Message.TestServerEnds);
    }

    private async Task WaitForEndAsync(CancellationTokenSource end)
    {
        await using var input = Input();
        var buffer = new byte[256];
        while (await input.ReadAsync(buffer, end.Token) > 0)
        {
            // what comes means nothing; its end does
        }

        await end.CancelAsync();
    }
}
