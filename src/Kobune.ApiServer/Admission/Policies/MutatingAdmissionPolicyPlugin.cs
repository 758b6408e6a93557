using System.Text.Json.Nodes;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>
/// Changes objects as all MutatingAdmissionPolicies say that are bound for a request, in the order of their names (upstream's plugin MutatingAdmissionPolicy).
/// Source: k8s.io/apiserver, admission/plugin/policy/mutating, dispatcher.go, and generic/policy_dispatcher.go.
/// </summary>
internal sealed class MutatingAdmissionPolicyPlugin(IAuthorizer authorizer, int minor) : IMutatingAdmission, IWebhookAdmission
{
    private readonly BoundPolicies<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, MutatingPolicy> _policies =
        new(policy => new(policy, minor), binding => (binding.Spec.PolicyName, binding.Spec.MatchResources));

    private WebhookServices? _services;
    private PolicyInputs? _inputs;

    public string Name => "MutatingAdmissionPolicy";

    public void Attach(WebhookServices services) => (_services, _inputs) = (services, new(authorizer, services));

    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (_services is null || request.SkipsWebhooks || _policies.Current(request.Objects) is not { Count: > 0 } policies || WebhookSubject.Of(request, _services.Registry, isFinished: false) is not { } subject)
        {
            return;
        }

        var failures = new List<Failure>();
        var invocations = new List<Invocation>();
        foreach (var bound in policies)
        {
            await CollectAsync(bound, subject, invocations, failures, ct);
        }

        if (invocations.Count > 0)
        {
            await InvokeAsync(invocations, subject, failures, ct);
        }

        var refused = failures.Where(f => !f.Policy.FailsOpen).ToList();
        if (refused.Count > 0)
        {
            throw Refusal(request, refused);
        }
    }

    /// <summary>What of a policy means the request: each binding with each of its parameters.</summary>
    private async ValueTask CollectAsync(BoundPolicy<MutatingAdmissionPolicyBinding, MutatingPolicy> bound, WebhookSubject subject, List<Invocation> invocations, List<Failure> failures, CancellationToken ct)
    {
        ServedResource version;
        ServedResource? kind;
        try
        {
            if (await bound.Policy.Match.FindAsync(subject, ct) is not { } found)
            {
                return;
            }

            (version, kind) = (found, _inputs!.ParamKind(bound.Policy.ParamKind));
        }
        catch (Exception e) when (e is StatusException or PolicyConfigurationException)
        {
            failures.Add(new(bound.Policy, null, $"failed to configure policy: {e.Message}", ""));
            return;
        }

        foreach (var (binding, match) in bound.Bindings)
        {
            try
            {
                if (await match.FindAsync(subject, ct) is not null)
                {
                    invocations.AddRange((await _inputs.ParametersAsync(kind, binding.Spec.ParamRef, subject, ct)).Select(p => new Invocation(bound.Policy, binding.Metadata.Name, version, p)));
                }
            }
            catch (Exception e) when (e is StatusException or PolicyConfigurationException)
            {
                failures.Add(new(bound.Policy, binding.Metadata.Name, $"failed to configure binding: {e.Message}", ""));
            }
        }
    }

    private async ValueTask InvokeAsync(List<Invocation> invocations, WebhookSubject subject, List<Failure> failures, CancellationToken ct)
    {
        var rounds = subject.Request.PolicyReinvocation;
        rounds.Begin(subject.Request);
        var ns = await PolicyInputs.NamespaceAsync(subject, ct);
        var isMade = false;
        foreach (var invocation in invocations)
        {
            isMade |= await InvokeAsync(invocation, subject, ns, rounds, failures, ct);
        }

        if (isMade)
        {
            rounds.Changed(); // whatever the mutations changed, and for the last policy too: upstream compares nothing at this place
        }

        rounds.End(subject.Request);
    }

    /// <summary>Makes the mutations of one invocation; whether one was made.</summary>
    private async ValueTask<bool> InvokeAsync(Invocation invocation, WebhookSubject subject, JsonObject? ns, Reinvocation rounds, List<Failure> failures, CancellationToken ct)
    {
        var (policy, version) = (invocation.Policy, invocation.Version);
        var shown = (await _inputs!.ShowAsync(subject, version, isUnfinished: true, ct)).With(invocation.Parameters, ns);
        var (isMatch, error) = policy.Matches(shown.Conditions, ct);
        if (error is not null)
        {
            failures.Add(new(policy, invocation.Binding, error, "Invalid"));
        }

        if (!isMatch || error is not null || !rounds.Calls(invocation.Key))
        {
            return false;
        }

        var (hasChanged, isMade) = (false, false);
        var shape = new FieldShape(subject.Foreign is { } foreign ? foreign.Type : version.Schema.Type);
        for (var i = 0; i < policy.Count && shown.Objects.Object is { } obj; i++)
        {
            var start = _services!.Time.GetTimestamp();
            try
            {
                hasChanged |= await subject.TakeAsync(version, obj, policy.Mutate(i, obj, shape, shown.Input, ct), ct);
                isMade = true;
                _services.Metrics.PolicyMutated(policy.Name, invocation.Binding, null, _services.Time.GetElapsedTime(start));
                shown = (await _inputs.ShowAsync(subject, version, isUnfinished: true, ct)).With(invocation.Parameters, ns);
            }
            catch (MutationException e)
            {
                _services.Metrics.PolicyMutated(policy.Name, invocation.Binding, e.Message, _services.Time.GetElapsedTime(start));
                failures.Add(new(policy, invocation.Binding, e.Message, "Invalid"));
            }
        }

        if (hasChanged)
        {
            rounds.Changed();
        }

        if (policy.IsReinvocable)
        {
            rounds.Called(invocation.Key);
        }

        return isMade;
    }

    private static StatusException Refusal(AdmissionRequest request, List<Failure> failures)
    {
        var status = request.Refusal("admission request denied by policy").Status;
        var first = failures[0];
        return new(status with
        {
            Message = first.Text,
            Reason = first.Reason.Length > 0 ? first.Reason : status.Reason,
            Details = (status.Details ?? new StatusDetails()) with { Causes = [.. failures.Select(f => new StatusCause { Message = f.Text })] },
        });
    }

    private sealed record Invocation(MutatingPolicy Policy, string Binding, ServedResource Version, JsonObject? Parameters)
    {
        /// <summary>The same in both rounds.</summary>
        public string Key { get; } = $"{Policy.Name}/{Binding}/{Parameters?["metadata"]?["namespace"]}/{Parameters?["metadata"]?["name"]}";
    }

    private sealed record Failure(MutatingPolicy Policy, string? Binding, string Message, string Reason)
    {
        public string Text => Binding is null ? $"policy \"{Policy.Name}\" denied request: {Message}" : $"policy '{Policy.Name}' with binding '{Binding}' denied request: {Message}";
    }
}
