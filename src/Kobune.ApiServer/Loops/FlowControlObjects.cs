using System.Text;
using Kobune.Api;
using Kobune.Api.FlowControl.V1;
using Kobune.Api.Json;
using Kobune.Api.Schema;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Fairness;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Loops;

/// <summary>
/// Keeps the mandatory and the suggested objects of priority and fairness: makes what is missing, brings specs up to date that follow the server's
/// (annotation apf.kubernetes.io/autoupdate-spec), and takes out what an older server suggested. Idempotent, safe with several servers. Source: k8s.io/kubernetes, pkg/registry/flowcontrol/ensurer.
/// </summary>
internal sealed partial class FlowControlObjects(ApiServerOptions options, InProcessEndpoint endpoint, ILogger logger)
{
    private const string Manager = "api-priority-and-fairness-config-producer-v1";
    private const string Prefix = "/apis/flowcontrol.apiserver.k8s.io/v1/";
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly UserInfo _user = UserInfo.Of("system:apiserver", UserNames.Masters);

    /// <summary>Looks at once, and then every minute: somebody may change or delete them.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        if (options.Schema.FindResource("flowcontrol.apiserver.k8s.io", "v1", "flowschemas") is null)
        {
            return;
        }

        using var timer = new PeriodicTimer(Period, options.Time);
        do
        {
            try
            {
                await EnsureAsync(ct);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(ct));
    }

    /// <summary>One look. What does not need each other goes out at once, so that it shares commits.</summary>
    internal async Task EnsureAsync(CancellationToken ct)
    {
        await Task.WhenAll(
        [
            .. BootstrapFlows.SuggestedLevels.Select(l => EnsureLevelAsync(l, isMandatory: false, ct)),
            .. BootstrapFlows.MandatoryLevels.Select(l => EnsureLevelAsync(l, isMandatory: true, ct)),
            .. BootstrapFlows.SuggestedSchemas.Select(s => EnsureSchemaAsync(s, isMandatory: false, ct)),
            .. BootstrapFlows.MandatorySchemas.Select(s => EnsureSchemaAsync(s, isMandatory: true, ct)),
        ]);
        await RemoveAsync<FlowSchema>([.. BootstrapFlows.SuggestedSchemas, .. BootstrapFlows.MandatorySchemas], ct);
        await RemoveAsync<PriorityLevelConfiguration>([.. BootstrapFlows.SuggestedLevels, .. BootstrapFlows.MandatoryLevels], ct);
    }

    private Task EnsureLevelAsync(PriorityLevelConfiguration wanted, bool isMandatory, CancellationToken ct) => EnsureAsync(
        wanted,
        isMandatory,
        have => have.Spec == Kept(wanted, have).Spec,
        (have, changesSpec, annotations) => have with { Metadata = have.Metadata with { Annotations = annotations }, Spec = changesSpec ? Kept(wanted, have).Spec : have.Spec },
        ct);

    private Task EnsureSchemaAsync(FlowSchema wanted, bool isMandatory, CancellationToken ct) => EnsureAsync(
        wanted,
        isMandatory,
        have => have.Spec == wanted.Spec,
        (have, changesSpec, annotations) => have with { Metadata = have.Metadata with { Annotations = annotations }, Spec = changesSpec ? wanted.Spec : have.Spec },
        ct);

    /// <summary>What the exempt level lends is the administrator's to say.</summary>
    private static PriorityLevelConfiguration Kept(PriorityLevelConfiguration wanted, PriorityLevelConfiguration have) =>
        wanted.Metadata.Name == BootstrapFlows.Exempt && have.Spec.Exempt is { } exempt ? wanted with { Spec = wanted.Spec with { Exempt = exempt } } : wanted;

    private async Task EnsureAsync<T>(T wanted, bool isMandatory, Func<T, bool> hasSpec, Func<T, bool, IReadOnlyDictionary<string, string>, T> change, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        var name = wanted.Metadata.Name;
        if (options.Objects.Find<T>("", name) is not { } have)
        {
            await SendAsync("POST", PathOf<T>(""), wanted, ct);
            return;
        }

        var follows = isMandatory || Follows(have);
        var changesSpec = follows && !hasSpec(have);
        if (changesSpec || Annotation(have) != follows)
        {
            var annotations = new Dictionary<string, string>(have.Metadata.Annotations) { [BootstrapFlows.AutoUpdate] = follows ? "true" : "false" };
            await SendAsync("PUT", PathOf<T>(name), change(have, changesSpec, annotations), ct);
        }
    }

    /// <summary>Whether a suggested object's spec is the server's to keep: as the annotation says, or else when nobody has changed it yet.</summary>
    private static bool Follows<T>(T have)
        where T : class, IKubernetesObject<T> => Annotation(have) ?? have.Metadata.Generation == 1;

    private static bool? Annotation<T>(T have)
        where T : class, IKubernetesObject<T> => have.Metadata.Annotations.TryGetValue(BootstrapFlows.AutoUpdate, out var text) ? GoBool.TryParse(text) : null;

    private async Task RemoveAsync<T>(IReadOnlyList<T> bootstrap, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        foreach (var old in options.Objects.List<T>("").Where(o => Annotation(o) == true && bootstrap.All(b => b.Metadata.Name != o.Metadata.Name)))
        {
            await SendAsync<T>("DELETE", PathOf<T>(old.Metadata.Name), null, ct);
        }
    }

    private static string PathOf<T>(string name)
        where T : class, IKubernetesObject<T> => name.Length == 0 ? Prefix + T.Resource.Plural : $"{Prefix}{T.Resource.Plural}/{name}";

    private async Task SendAsync<T>(string method, string path, T? body, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        var answer = await endpoint.SendAsync(new InProcessRequest(_user, method, $"{path}?fieldManager={Manager}", body is null ? default : JsonText.Bytes(body), UserAgent: "kube-apiserver"), ct);
        if (answer.StatusCode is >= 400 and not (404 or 409)) // another server was faster: the next look tells
        {
            LogRefused(path, Encoding.UTF8.GetString(answer.Body.Json.Span));
        }
    }

    [LoggerMessage(LogLevel.Warning, "An object of priority and fairness was refused at {Path}: {Status}")]
    private partial void LogRefused(string path, string status);

    [LoggerMessage(LogLevel.Error, "The objects of priority and fairness could not be kept; the next try is in a minute")]
    private partial void LogFailed(Exception e);
}
