using System.Text.Json.Nodes;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>
/// Evaluates all ValidatingAdmissionPolicies that are bound for a request, and refuses with the first that denies it (upstream's plugin ValidatingAdmissionPolicy).
/// Source: k8s.io/apiserver, admission/plugin/policy/validating, dispatcher.go.
/// </summary>
internal sealed class ValidatingAdmissionPolicyPlugin(IAuthorizer authorizer, int minor) : IValidatingAdmission, IWebhookAdmission
{
    private readonly ValidatingPolicies _policies = new(minor);
    private WebhookServices? _services;

    public string Name => "ValidatingAdmissionPolicy";

    public void Attach(WebhookServices services) => _services = services;

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (_services is null || request.SkipsWebhooks || _policies.Current(request.Objects) is not { Count: > 0 } policies || WebhookSubject.Of(request, _services.Registry) is not { } subject)
        {
            return;
        }

        var denials = new List<Denial>();
        foreach (var bound in policies)
        {
            await EvaluateAsync(bound, subject, denials, ct);
        }

        if (denials.Count > 0)
        {
            throw Refusal(request, denials[0]);
        }
    }

    private async ValueTask EvaluateAsync(BoundPolicy bound, WebhookSubject subject, List<Denial> denials, CancellationToken ct)
    {
        var policy = bound.Policy;
        string? binding = null;
        void Misconfigured(string problem)
        {
            if (!policy.FailsOpen)
            {
                denials.Add(new(policy.Name, binding, new($"failed to configure {(binding is null ? "policy" : "binding")}: {problem}", "")));
            }
        }

        try
        {
            if (await policy.Match.FindAsync(subject, ct) is not { } version)
            {
                return;
            }

            var kind = policy.ParamKind is { } wanted ? ParamKind(wanted) : null;
            var input = await InputAsync(subject, version, ct);
            foreach (var (item, match) in bound.Bindings)
            {
                binding = item.Metadata.Name;
                try
                {
                    if (await match.FindAsync(subject, ct) is not null)
                    {
                        await ValidateAsync(policy, item, kind, subject, input, denials, ct);
                    }
                }
                catch (Exception e) when (e is StatusException or PolicyConfigurationException)
                {
                    Misconfigured(e.Message);
                }
            }
        }
        catch (Exception e) when (e is StatusException or PolicyConfigurationException)
        {
            Misconfigured(e.Message);
        }
    }

    private async ValueTask ValidateAsync(
        ValidatingPolicy policy, ValidatingAdmissionPolicyBinding binding, ServedResource? kind, WebhookSubject subject, ExpressionInput input, List<Denial> denials, CancellationToken ct)
    {
        var parameters = await PolicyParams.CollectAsync(kind, binding.Spec.ParamRef, subject.Namespace, _services!, ct);
        var ns = await NamespaceAsync(subject, ct);
        foreach (var decision in parameters.SelectMany(p => policy.Validate(input.With(p, ns), ct)))
        {
            if (decision.IsAlwaysDenied || binding.Spec.ValidationActions.Contains("Deny"))
            {
                denials.Add(new(policy.Name, binding.Metadata.Name, decision));
            }

            if (!decision.IsAlwaysDenied && binding.Spec.ValidationActions.Contains("Warn"))
            {
                subject.Warn($"Validation failed for ValidatingAdmissionPolicy '{policy.Name}' with binding '{binding.Metadata.Name}': {decision.Message}");
            }
        }
    }

    private async ValueTask<ExpressionInput> InputAsync(WebhookSubject subject, ServedResource version, CancellationToken ct)
    {
        var objects = await subject.ShowAsync(version, isUnfinished: false, ct);
        var request = AdmissionReviews.Request(subject, version, "");
        request["options"] = subject.Request.Options?.DeepClone();
        return new(request, objects.Object, objects.Old, new RequestAuthorizer(authorizer, subject.Request.User, ct));
    }

    private ServedResource ParamKind(ParamKind kind)
    {
        var slash = kind.APIVersion.IndexOf('/', StringComparison.Ordinal);
        var (group, version) = slash < 0 ? ("", kind.APIVersion) : (kind.APIVersion[..slash], kind.APIVersion[(slash + 1)..]);
        return _services!.Registry.FindKind(group, version, kind.Kind) ?? throw new PolicyConfigurationException($"failed to find resource referenced by paramKind: '{group}/{version}, Kind={kind.Kind}'");
    }

    /// <summary>The Namespace around the object; none for what is in no namespace, a Namespace included.</summary>
    private static async ValueTask<JsonObject?> NamespaceAsync(WebhookSubject subject, CancellationToken ct)
    {
        if (subject.Namespace.Length == 0 || subject.Request.IsFor("", "namespaces"))
        {
            return null;
        }

        var found = subject.Request.Objects.Find<Namespace>("", subject.Namespace) ?? await subject.Request.Objects.GetAsync<Namespace>("", subject.Namespace, ct)
            ?? throw StatusErrors.NotFound("", "namespaces", subject.Namespace);
        return (JsonObject)JsonNode.Parse(JsonText.Bytes(found))!;
    }

    private static StatusException Refusal(AdmissionRequest request, Denial denial)
    {
        var who = denial.Binding is { } binding ? $"'{denial.Policy}' with binding '{binding}'" : $"'{denial.Policy}'";
        var message = $"ValidatingAdmissionPolicy {who} denied request: {denial.Decision.Message}";
        var status = request.Refusal(message).Status;
        var reason = denial.Decision.Reason.Length > 0 ? denial.Decision.Reason : "Invalid";
        return new(status with
        {
            Reason = reason,
            Code = Code(reason),
            Details = (status.Details ?? new StatusDetails()) with { Causes = [new StatusCause { Message = message }] },
        });
    }

    private static int Code(string reason) => reason switch
    {
        "Forbidden" => 403,
        "Unauthorized" => 401,
        "RequestEntityTooLarge" => 413,
        _ => 422,
    };

    private sealed record Denial(string Policy, string? Binding, PolicyDecision Decision);
}
