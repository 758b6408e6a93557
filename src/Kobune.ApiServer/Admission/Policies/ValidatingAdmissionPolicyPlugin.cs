using System.Text.Json.Nodes;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>
/// Evaluates all ValidatingAdmissionPolicies that are bound for a request, and refuses with the first that denies it (upstream's plugin ValidatingAdmissionPolicy).
/// Source: k8s.io/apiserver, admission/plugin/policy/validating, dispatcher.go.
/// </summary>
internal sealed class ValidatingAdmissionPolicyPlugin(IAuthorizer authorizer, int minor) : IValidatingAdmission, IWebhookAdmission
{
    private readonly BoundPolicies<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidatingPolicy> _policies =
        new(policy => new(policy, minor), binding => (binding.Spec.PolicyName, binding.Spec.MatchResources));

    private WebhookServices? _services;
    private PolicyInputs? _inputs;

    public string Name => "ValidatingAdmissionPolicy";

    public void Attach(WebhookServices services) => (_services, _inputs) = (services, new(authorizer, services));

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (_services is null || request.SkipsWebhooks || _policies.Current(request.Objects) is not { Count: > 0 } policies || WebhookSubject.Of(request, _services.Registry, isFinished: true) is not { } subject)
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

    private async ValueTask EvaluateAsync(BoundPolicy<ValidatingAdmissionPolicyBinding, ValidatingPolicy> bound, WebhookSubject subject, List<Denial> denials, CancellationToken ct)
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

            var kind = _inputs!.ParamKind(policy.ParamKind);
            var shown = await _inputs.ShowAsync(subject, version, isUnfinished: false, ct);
            foreach (var (item, match) in bound.Bindings)
            {
                binding = item.Metadata.Name;
                try
                {
                    if (await match.FindAsync(subject, ct) is not null)
                    {
                        await ValidateAsync(policy, item, kind, subject, shown, denials, ct);
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
        ValidatingPolicy policy, ValidatingAdmissionPolicyBinding binding, ServedResource? kind, WebhookSubject subject, ShownRequest shown, List<Denial> denials, CancellationToken ct)
    {
        var parameters = await _inputs!.ParametersAsync(kind, binding.Spec.ParamRef, subject, ct);
        var ns = await PolicyInputs.NamespaceAsync(subject, ct);
        var annotations = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        void Annotate(string key, string value)
        {
            var values = annotations.TryGetValue(key, out var known) ? known : annotations[key] = [];
            if (!values.Contains(value))
            {
                values.Add(value);
            }
        }

        foreach (var decision in parameters.SelectMany(p => policy.Validate(shown.With(p, ns), Annotate, _services!.Time, ct)))
        {
            foreach (var action in Actions(decision, binding))
            {
                _services!.Metrics.PolicyChecked(policy.Name, binding.Metadata.Name, decision.Message, action, decision.Elapsed);
                switch (action)
                {
                    case "deny":
                        denials.Add(new(policy.Name, binding.Metadata.Name, decision));
                        break;
                    case "warn":
                        subject.Warn($"Validation failed for ValidatingAdmissionPolicy '{policy.Name}' with binding '{binding.Metadata.Name}': {decision.Message}");
                        break;
                    case "audit":
                        subject.Request.Annotated?.Invoke("validation.policy.admission.k8s.io/validation_failure", Failure(policy, binding, decision));
                        break;
                }
            }
        }

        foreach (var (key, values) in annotations)
        {
            subject.Request.Annotated?.Invoke($"{policy.Name}/{key}", string.Join(", ", values));
        }
    }

    /// <summary>What is done about a decision, as metrics name it.</summary>
    private static IEnumerable<string> Actions(PolicyDecision decision, ValidatingAdmissionPolicyBinding binding) =>
        decision.IsIgnored ? ["allow"] : decision.IsAlwaysDenied ? ["deny"] : binding.Spec.ValidationActions.Select(a => a.ToLowerInvariant());

    private static string Failure(ValidatingPolicy policy, ValidatingAdmissionPolicyBinding binding, PolicyDecision decision) => new JsonArray(new JsonObject
    {
        ["message"] = decision.Message,
        ["policy"] = policy.Name,
        ["binding"] = binding.Metadata.Name,
        ["expressionIndex"] = decision.Index,
        ["validationActions"] = binding.Spec.ValidationActions.ToJsonArray(),
    }).GoText();

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
