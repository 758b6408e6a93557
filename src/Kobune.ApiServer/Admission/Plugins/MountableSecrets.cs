using Kobune.Api.Core.V1;
using Kobune.Api.Schema;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>The secrets that a pod of a service account may use when the account's annotation says that only its own may be (upstream's plugin ServiceAccount, limitSecretReferences).</summary>
internal static class MountableSecrets
{
    private const string Annotation = "kubernetes.io/enforce-mountable-secrets";

    public static bool AreEnforced(ServiceAccount account) => GoBool.TryParse(account.Metadata.Annotations.GetValueOrDefault(Annotation)) == true;

    /// <summary>Why the pod is refused, in upstream's words, or null.</summary>
    public static string? Problem(ServiceAccount account, PodSpec spec)
    {
        var own = account.Secrets.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        var pull = account.ImagePullSecrets.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        var used = spec.Volumes.Where(v => v.Secret is not null).Select(v => ("volume with", v.Secret!.SecretName))
            .Concat(spec.InitContainers.SelectMany(c => Uses("init container", c.Name, c.Env, c.EnvFrom)))
            .Concat(spec.Containers.SelectMany(c => Uses("container", c.Name, c.Env, c.EnvFrom)));
        if (Refused(used, own, account) is { } problem)
        {
            return problem;
        }

        var at = spec.ImagePullSecrets.ToList().FindIndex(s => !pull.Contains(s.Name));
        return at < 0 ? null : $"imagePullSecrets[{at}].name=\"{spec.ImagePullSecrets[at].Name}\" is not allowed because service account {account.Metadata.Name} does not reference that imagePullSecret";
    }

    /// <summary>The same for containers that are added to a running pod.</summary>
    public static string? EphemeralProblem(ServiceAccount account, PodSpec spec) =>
        Refused(spec.EphemeralContainers.SelectMany(c => Uses("ephemeral container", c.Name, c.Env, c.EnvFrom)), account.Secrets.Select(s => s.Name).ToHashSet(StringComparer.Ordinal), account);

    private static string? Refused(IEnumerable<(string Who, string Secret)> used, HashSet<string> own, ServiceAccount account) =>
        used.FirstOrDefault(u => !own.Contains(u.Secret)) is (not null, var secret) and var (who, _)
            ? $"{who} secret.secretName=\"{secret}\" is not allowed because service account {account.Metadata.Name} does not reference that secret"
            : null;

    private static IEnumerable<(string Who, string Secret)> Uses(string kind, string name, IReadOnlyList<EnvVar> env, IReadOnlyList<EnvFromSource> from) =>
        env.Where(e => e.ValueFrom?.SecretKeyRef is not null).Select(e => ($"{kind} {name} with envVar {e.Name} referencing", e.ValueFrom!.SecretKeyRef!.Name))
            .Concat(from.Where(e => e.SecretRef is not null).Select(e => ($"{kind} {name} with envFrom referencing", e.SecretRef!.Name)));
}
