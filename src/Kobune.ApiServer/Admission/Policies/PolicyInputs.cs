using System.Text.Json.Nodes;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>What the expressions of policies look at, read from a request and the server. Source: k8s.io/apiserver, admission/plugin/policy/generic.</summary>
internal sealed class PolicyInputs(IAuthorizer authorizer, WebhookServices services)
{
    /// <summary>The inputs without parameters and Namespace, and the objects that they show.</summary>
    /// <param name="subject">The request.</param>
    /// <param name="version">In which it is shown.</param>
    /// <param name="isUnfinished">Whether what the server puts in after the mutating phase is left out.</param>
    /// <param name="ct">Cancels a conversion.</param>
    public async ValueTask<ShownRequest> ShowAsync(WebhookSubject subject, ServedResource version, bool isUnfinished, CancellationToken ct)
    {
        var objects = await subject.ShowAsync(version, isUnfinished, ct);
        var rights = new RequestAuthorizer(authorizer, subject.Request.User, ct);
        var input = new ExpressionInput(AdmissionReviews.ExpressionRequest(subject, version), objects.Object, objects.Old, rights);
        var conditions = version == subject.Requested ? input : new(AdmissionReviews.ConditionRequest(subject, version), objects.Object, objects.Old, rights);
        return new(input, conditions, objects);
    }

    /// <summary>The resource of a policy's paramKind; null where it has none.</summary>
    /// <exception cref="PolicyConfigurationException">It is not served.</exception>
    public ServedResource? ParamKind(ParamKind? kind)
    {
        if (kind is null)
        {
            return null;
        }

        var slash = kind.APIVersion.IndexOf('/', StringComparison.Ordinal);
        var (group, version) = slash < 0 ? ("", kind.APIVersion) : (kind.APIVersion[..slash], kind.APIVersion[(slash + 1)..]);
        return services.Registry.FindKind(group, version, kind.Kind) ?? throw new PolicyConfigurationException($"failed to find resource referenced by paramKind: '{group}/{version}, Kind={kind.Kind}'");
    }

    /// <summary>The parameters that a binding gives (<see cref="PolicyParams"/>).</summary>
    public ValueTask<IReadOnlyList<JsonObject?>> ParametersAsync(ServedResource? kind, ParamRef? reference, WebhookSubject subject, CancellationToken ct) =>
        PolicyParams.CollectAsync(kind, reference, subject.Namespace, services, ct);

    /// <summary>The Namespace around the object; none for what is in no namespace, a Namespace included.</summary>
    public static async ValueTask<JsonObject?> NamespaceAsync(WebhookSubject subject, CancellationToken ct)
    {
        if (subject.Namespace.Length == 0 || subject.Request.IsFor("", "namespaces"))
        {
            return null;
        }

        var found = await subject.Request.Objects.FindOrGetAsync<Namespace>("", subject.Namespace, ct)
            ?? throw StatusErrors.NotFound("", "namespaces", subject.Namespace);
        return (JsonObject)JsonNode.Parse(JsonText.Bytes(found))!;
    }
}
