using System.Text.Json.Nodes;
using Kobune.Api.Clocks;
using Kobune.Api.Core.V1;
using Kobune.Api.Placement;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Gives every pod a service account, the volume with its token, the root CA and the namespace, and the account's pull secrets (upstream's plugin ServiceAccount).</summary>
internal sealed class ServiceAccountAdmission(TimeProvider time) : IMutatingAdmission, IValidatingAdmission
{
    private const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string VolumePrefix = "kube-api-access-";
    private const string NameCharacters = "bcdfghjklmnpqrstvwxz2456789";

    // A fresh namespace gets its default account from a controller a moment later; a pod made at once waits for it, about as long as upstream.
    private const int Attempts = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public string Name => "ServiceAccount";

    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (!request.IsFor("", "pods") || !request.Is(AdmissionOperation.Create) || request.Object is not { } pod || MirrorPods.IsMirror(pod))
        {
            return;
        }

        var spec = pod.Need("spec");
        spec.DefaultEmpty("serviceAccountName", "default");
        var name = spec.Text("serviceAccountName");
        spec["serviceAccount"] = name; // the deprecated alias always says the same
        var account = await FindAsync(request, name, ct);
        if (spec.Flag("automountServiceAccountToken") ?? account.AutomountServiceAccountToken ?? true)
        {
            MountToken(spec);
        }

        if (spec.Array("imagePullSecrets") is null or { Count: 0 } && account.ImagePullSecrets.Count > 0)
        {
            spec["imagePullSecrets"] = new JsonArray([.. account.ImagePullSecrets.Select(s => (JsonNode)new JsonObject { ["name"] = s.Name })]);
        }
    }

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (request.Object is not { } pod || request.Resource is not { Group: "", Plural: "pods" })
        {
            return;
        }

        if (request.Info.Subresource == "ephemeralcontainers" && request.Is(AdmissionOperation.Update))
        {
            await CheckSecretsAsync(request, pod, MountableSecrets.EphemeralProblem, ct);
        }
        else if (request.Info.Subresource.Length == 0 && request.Is(AdmissionOperation.Create))
        {
            await (MirrorPods.IsMirror(pod) ? CheckMirror(request, pod) : CheckSecretsAsync(request, pod, MountableSecrets.Problem, ct));
        }
    }

    private async ValueTask CheckSecretsAsync(AdmissionRequest request, JsonObject pod, Func<ServiceAccount, PodSpec, string?> check, CancellationToken ct)
    {
        var account = await FindAsync(request, pod.Child("spec").Text("serviceAccountName"), ct);
        if (MountableSecrets.AreEnforced(account) && check(account, pod.Read<Pod>().Spec) is { } problem)
        {
            throw request.Refusal(problem);
        }
    }

    private static ValueTask CheckMirror(AdmissionRequest request, JsonObject pod)
    {
        if (pod.Child("spec").Text("serviceAccountName").Length > 0)
        {
            throw request.Refusal("a mirror pod may not reference service accounts");
        }

        var spec = pod.Read<Pod>().Spec;
        return PodReferences.Secrets(spec).Any() ? throw request.Refusal("a mirror pod may not reference secrets")
            : spec.Volumes.Any(v => v.Projected?.Sources.Any(s => s.ServiceAccountToken is not null) == true)
                ? throw request.Refusal("a mirror pod may not use ServiceAccountToken volume projections")
                : default;
    }

    private void MountToken(JsonObject spec)
    {
        var known = spec.Items("volumes").Select(v => v.Text("name")).FirstOrDefault(n => n.StartsWith(VolumePrefix, StringComparison.Ordinal));
        var name = known ?? VolumePrefix + Dice.NewText(time, NameCharacters, 5);
        var isNeeded = false;
        foreach (var container in spec.Items("initContainers").Concat(spec.Items("containers")))
        {
            if (!container.Items("volumeMounts").Any(m => m.Text("mountPath") == MountPath))
            {
                container.NeedArray("volumeMounts").Add((JsonNode)new JsonObject { ["name"] = name, ["readOnly"] = true, ["mountPath"] = MountPath });
                isNeeded = true;
            }
        }

        if (known is null && isNeeded)
        {
            spec.NeedArray("volumes").Add((JsonNode)TokenVolume(name));
        }
    }

    private static JsonObject TokenVolume(string name) => new()
    {
        ["name"] = name,
        ["projected"] = new JsonObject
        {
            ["sources"] = new JsonArray(
                new JsonObject { ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = 3607, ["path"] = "token" } },
                new JsonObject
                {
                    ["configMap"] = new JsonObject { ["name"] = "kube-root-ca.crt", ["items"] = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" }) },
                },
                new JsonObject
                {
                    ["downwardAPI"] = new JsonObject
                    {
                        ["items"] = new JsonArray(new JsonObject { ["path"] = "namespace", ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" } }),
                    },
                }),
            ["defaultMode"] = 420,
        },
    };

    private async ValueTask<ServiceAccount> FindAsync(AdmissionRequest request, string name, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await request.Objects.FindOrGetAsync<ServiceAccount>(request.Namespace, name, ct) is { } account)
            {
                return account;
            }

            if (name != "default" || attempt == Attempts)
            {
                throw request.Refusal($"error looking up service account {request.Namespace}/{name}: serviceaccount \"{name}\" not found");
            }

            await Task.Delay(Pause, time, ct);
        }
    }
}
