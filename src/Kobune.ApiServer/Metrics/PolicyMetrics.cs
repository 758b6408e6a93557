using Kobune.Api.Metrics;

namespace Kobune.ApiServer.Metrics;

/// <summary>Metrics of admission policies (k8s.io/apiserver, admission/plugin/policy: validating/metrics and mutating/metrics). A request that a policy has nothing against is not counted.</summary>
internal sealed class PolicyMetrics
{
    private static readonly double[] Bounds = [0.0000005, 0.001, 0.01, 0.1, 1.0];
    private static readonly string[] CheckLabels = ["policy", "policy_binding", "error_type", "enforcement_action"];
    private static readonly string[] MutationLabels = ["policy", "policy_binding", "error_type"];

    private readonly NumberFamily _checks = new("apiserver_validating_admission_policy_check_total", "counter", "[BETA] Validation admission policy check total, labeled by policy and further identified by binding and enforcement action taken.", CheckLabels);
    private readonly HistogramFamily _checkDurations = new("apiserver_validating_admission_policy_check_duration_seconds", "[BETA] Validation admission latency for individual validation expressions in seconds, labeled by policy and further including binding and enforcement action taken.", Bounds, CheckLabels);
    private readonly NumberFamily _mutations = new("apiserver_mutating_admission_policy_check_total", "counter", "[ALPHA] Mutation admission policy check total, labeled by policy and further identified by binding.", MutationLabels);
    private readonly HistogramFamily _mutationDurations = new("apiserver_mutating_admission_policy_check_duration_seconds", "[ALPHA] Mutation admission latency for individual mutation expressions in seconds, labeled by policy and binding.", Bounds, MutationLabels);

    public IEnumerable<MetricFamily> Families => [_checks, _checkDurations, _mutations, _mutationDurations];

    public void Checked(string policy, string binding, string message, string action, TimeSpan elapsed)
    {
        var labels = new LabelValues(policy, binding, ErrorType(message), action);
        _checks.Add(labels);
        _checkDurations.Observe(labels, elapsed.TotalSeconds);
    }

    public void Mutated(string policy, string binding, string? problem, TimeSpan elapsed)
    {
        var labels = new LabelValues(policy, binding, problem is null ? "no_error" : ErrorType(problem));
        _mutations.Add(labels);
        _mutationDurations.Observe(labels, elapsed.TotalSeconds);
    }

    /// <summary>Upstream tells errors apart by the beginning of their text; a plain refusal is an invalid_error too.</summary>
    private static string ErrorType(string message) =>
        message.StartsWith("compilation", StringComparison.Ordinal) ? "compile_error"
        : message.StartsWith("validation failed due to running out of cost budget", StringComparison.Ordinal) ? "out_of_budget"
        : "invalid_error";
}
