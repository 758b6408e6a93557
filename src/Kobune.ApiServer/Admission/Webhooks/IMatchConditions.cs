using System.Text.Json.Nodes;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.ApiServer.Authentication;

namespace Kobune.ApiServer.Admission.Webhooks;

/// <summary>What the matchConditions of webhooks need of CEL. Safe for concurrent callers. Source: k8s.io/apiserver, admission/plugin/webhook/matchconditions.</summary>
public interface IMatchConditions
{
    /// <summary>Why an expression cannot be used, in upstream's words ("compilation failed: ERROR: ..."); empty when it compiles to a bool.</summary>
    IReadOnlyList<string> Problems(string expression);

    /// <summary>Whether all conditions are true. One that is false wins over one that fails; a failure is told in <see cref="MatchVerdict.Error"/>, never thrown.</summary>
    ValueTask<MatchVerdict> EvaluateAsync(IReadOnlyList<MatchCondition> conditions, MatchSubject subject, CancellationToken ct);
}

/// <summary>What conditions look at.</summary>
/// <param name="Request">The variable request: admission.k8s.io/v1 AdmissionRequest without object and oldObject.</param>
/// <param name="Object">The variable object in the webhook's version; null on DELETE.</param>
/// <param name="OldObject">The variable oldObject; null on CREATE and CONNECT.</param>
/// <param name="User">Who asks, for the variable authorizer.</param>
public sealed record MatchSubject(JsonObject Request, JsonObject? Object, JsonObject? OldObject, UserInfo User);

/// <summary>What came out.</summary>
/// <param name="IsMatch">Whether the webhook is called.</param>
/// <param name="Error">Why that cannot be told; null when it can.</param>
public sealed record MatchVerdict(bool IsMatch, string? Error = null);
