using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Authentication.Tokens;

/// <summary>serviceaccounts/token: issues a token, bound to a pod, node or Secret on request (upstream's pkg/registry/core/serviceaccount/storage/token.go).</summary>
public sealed class TokenRequestResource(ServiceAccountTokens tokens, TimeProvider time, AdmissionChain? admission = null) : IVirtualResource
{
    private const long MinSeconds = 10 * 60;
    private const long MaxSeconds = 1L << 32;

    // A kubelet asks for this odd time for the volume that every pod has; such tokens stay valid for a year, since old clients never read the file
    // again, and are only warned about (upstream's --service-account-extend-token-expiration).
    private const long ExtendableSeconds = 3607;
    private const long ExtendedSeconds = 365 * 24 * 60 * 60;

    /// <inheritdoc/>
    public ResourceDescriptor Resource { get; } = new("authentication.k8s.io", "v1", "TokenRequest", "serviceaccounts", Namespaced: true);

    /// <inheritdoc/>
    public string Subresource => "token";

    /// <inheritdoc/>
    public async ValueTask<JsonObject> CreateAsync(VirtualCreate request, CancellationToken ct)
    {
        var (space, name, body) = (request.Info.Namespace, request.Info.Name, request.Body);
        var account = await request.Objects.GetAsync<ServiceAccount>(space, name, ct) ?? throw StatusErrors.NotFound("", "serviceaccounts", name);
        CheckNames(body, space, name);
        var spec = body.Need("spec");
        spec.Default("expirationSeconds", 3600);
        if (spec.Texts("audiences").Count == 0)
        {
            spec["audiences"] = tokens.Audiences.ToJsonArray();
        }

        await AdmitAsync(request, ct);
        Validate(spec, name);
        Shorten(spec);
        var bound = await BindAsync(request, spec.Child("boundObjectRef"), ct);
        var seconds = spec.Number("expirationSeconds")!.Value;
        var audiences = spec.Texts("audiences");
        var extend = tokens.ExtendsExpiration && seconds == ExtendableSeconds && bound.Pod is not null && audiences.All(tokens.Audiences.Contains);
        var token = tokens.Issue(space, new(account.Metadata.Name, account.Metadata.Uid), audiences, extend ? ExtendedSeconds : seconds, extend ? seconds : null, bound.Pod, bound.Node, bound.Secret);
        FillAnswer(body, account, seconds, token);
        return body;
    }

    // The client learns of it by the answer.
    private void Shorten(JsonObject spec)
    {
        if (tokens.MaxExpiration is { } max && spec.Number("expirationSeconds") > (long)max.TotalSeconds)
        {
            spec["expirationSeconds"] = (long)max.TotalSeconds;
        }
    }

    // NodeRestriction lets a kubelet ask only for tokens of its own pods.
    private async ValueTask AdmitAsync(VirtualCreate request, CancellationToken ct)
    {
        if (admission is null)
        {
            return;
        }

        var asked = new AdmissionRequest
        {
            Operation = AdmissionOperation.Create,
            Resource = ServiceAccount.Resource,
            Info = request.Info,
            Name = request.Info.Name,
            Namespace = request.Info.Namespace,
            User = request.User,
            DryRun = request.DryRun,
            Object = request.Body,
            Options = ShownOptions.Of(AdmissionOperation.Create, new(request.DryRun, "", FieldValidation.Warn)),
            Objects = request.Objects,
        };
        await admission.MutateAsync(asked, ct);
        await admission.ValidateAsync(asked, ct);
    }

    private static void CheckNames(JsonObject body, string space, string name)
    {
        var metadata = body.Child("metadata");
        if (metadata.Text("name") is { Length: > 0 } ownName && ownName != name)
        {
            throw StatusErrors.BadRequest($"must match the service account name if specified: name: {ownName} does not match {name}");
        }

        if (metadata.Text("namespace") is { Length: > 0 } ownSpace && ownSpace != space)
        {
            throw StatusErrors.BadRequest($"must match the service account namespace if specified: namespace: {ownSpace} does not match {space}");
        }
    }

    private static void Validate(JsonObject spec, string name)
    {
        var errors = new FieldErrors();
        var seconds = spec.Number("expirationSeconds") ?? 0;
        if (seconds < MinSeconds)
        {
            errors.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
        }

        if (seconds > MaxSeconds)
        {
            errors.Invalid("spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds");
        }

        if (errors.Items.Count > 0)
        {
            throw StatusErrors.Invalid("authentication.k8s.io", "TokenRequest", name, errors);
        }
    }

    private async ValueTask<(ObjectClaim? Pod, ObjectClaim? Node, ObjectClaim? Secret)> BindAsync(VirtualCreate request, JsonObject? reference, CancellationToken ct)
    {
        if (reference is null)
        {
            return default;
        }

        var (space, name, uid) = (request.Info.Namespace, reference.Text("name"), reference.Text("uid"));
        switch (reference.Text("apiVersion"), reference.Text("kind"))
        {
            case ("v1", "Pod"):
                var pod = await request.Objects.GetAsync<Pod>(space, name, ct) ?? throw StatusErrors.NotFound("", "pods", name);
                CheckUid("pods", name, uid, pod.Metadata.Uid);
                if (pod.Spec.ServiceAccountName != request.Info.Name)
                {
                    throw StatusErrors.BadRequest($"cannot bind token for serviceaccount \"{request.Info.Name}\" to pod running with different serviceaccount");
                }

                return (new(pod.Metadata.Name, pod.Metadata.Uid), NodeOf(request, pod.Spec.NodeName), null);
            case ("v1", "Node") when !tokens.Features.IsEnabled("ServiceAccountTokenNodeBinding"):
                throw StatusErrors.BadRequest("cannot bind token to a Node object as the \"ServiceAccountTokenNodeBinding\" feature-gate is disabled");
            case ("v1", "Node"):
                var node = await request.Objects.GetAsync<Node>("", name, ct) ?? throw StatusErrors.NotFound("", "nodes", name);
                CheckUid("nodes", name, uid, node.Metadata.Uid);
                return (null, new(node.Metadata.Name, node.Metadata.Uid), null);
            case ("v1", "Secret"):
                var secret = await request.Objects.GetAsync<Secret>(space, name, ct) ?? throw StatusErrors.NotFound("", "secrets", name);
                CheckUid("secrets", name, uid, secret.Metadata.Uid);
                return (null, null, new(secret.Metadata.Name, secret.Metadata.Uid));
            default:
                throw StatusErrors.BadRequest($"cannot bind token to object of type {reference.Text("apiVersion")}, Kind={reference.Text("kind")}");
        }
    }

    // The node may not be there any more; then its name alone is claimed.
    private static ObjectClaim? NodeOf(VirtualCreate request, string node) =>
        node.Length == 0 ? null : new(node, request.Objects.Find<Node>("", node)?.Metadata.Uid ?? "");

    private static void CheckUid(string resource, string name, string asked, string actual)
    {
        if (asked.Length > 0 && asked != actual)
        {
            throw StatusErrors.Conflict("", resource, name, $"the UID in the bound object reference ({asked}) does not match the UID in record. The object might have been deleted and then recreated");
        }
    }

    private void FillAnswer(JsonObject body, ServiceAccount account, long seconds, string token)
    {
        var now = time.GetUtcNow();
        var metadata = body.Need("metadata");
        metadata["name"] = account.Metadata.Name;
        metadata["namespace"] = account.Metadata.Namespace;
        metadata["creationTimestamp"] = Show(now);
        body["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = Show(now.AddSeconds(seconds)) };
    }

    private static string Show(DateTimeOffset when) => when.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
