using Kobune.Api.Metrics;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Metrics;

/// <summary>The server's own metrics, with upstream's names, labels and buckets (k8s.io/apiserver: endpoints/metrics, endpoints/filters, admission/metrics).</summary>
internal sealed class ApiMetrics
{
    private const int MaxCode = 600;
    private static readonly double[] RequestBounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
    private static readonly double[] SliBounds = RequestBounds[2..];
    private static readonly double[] AdmissionBounds = [0.005, 0.025, 0.1, 0.5, 1.0, 2.5];
    private static readonly double[] WebhookBounds = [.. AdmissionBounds, 10, 25];
    private static readonly double[] AuthenticationBounds = [.. Enumerable.Range(0, 15).Select(i => 0.001 * Math.Pow(2, i))];
    private static readonly double[] SizeBounds = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
    private static readonly double[] StoreBounds = [.. RequestBounds.Except([20.0])];
    private static readonly string[] RequestLabels = ["verb", "group", "version", "resource", "subresource", "scope", "component"];

    private readonly NumberFamily _requests = new("apiserver_request_total", "counter", "[STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.", "verb", "dry_run", "group", "version", "resource", "subresource", "scope", "component", "code");
    private readonly HistogramFamily _durations = new("apiserver_request_duration_seconds", "[STABLE] Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.", RequestBounds, "verb", "dry_run", "group", "version", "resource", "subresource", "scope", "component");
    private readonly HistogramFamily _sliDurations = new("apiserver_request_sli_duration_seconds", "[ALPHA] Response latency distribution (not counting webhook duration and priority & fairness queue wait times) in seconds for each verb, group, version, resource, subresource, scope and component.", SliBounds, RequestLabels);
    private readonly NumberFamily _longRunning = new("apiserver_longrunning_requests", "gauge", "[STABLE] Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.", RequestLabels);
    private readonly NumberFamily _watchEvents = new("apiserver_watch_events_total", "counter", "[ALPHA] Number of events sent in watch clients", "group", "version", "kind");
    private readonly NumberFamily _authentications = new("authentication_attempts", "counter", "[ALPHA] Counter of authenticated attempts.", "result");
    private readonly HistogramFamily _authenticationDurations = new("authentication_duration_seconds", "[ALPHA] Authentication duration in seconds broken out by result.", AuthenticationBounds, "result");
    private readonly NumberFamily _users = new("authenticated_user_requests", "counter", "[ALPHA] Counter of authenticated requests broken out by username.", "username");
    private readonly NumberFamily _authorizations = new("authorization_attempts_total", "counter", "[ALPHA] Counter of authorization attempts broken down by result. It can be either 'allowed', 'denied', 'no-opinion' or 'error'.", "result");
    private readonly HistogramFamily _plugins = new("apiserver_admission_controller_admission_duration_seconds", "[STABLE] Admission controller latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).", AdmissionBounds, "name", "operation", "rejected", "type");
    private readonly HistogramFamily _steps = new("apiserver_admission_step_admission_duration_seconds", "[STABLE] Admission sub-step latency histogram in seconds, broken out for each operation and API resource and step type (validate or admit).", AdmissionBounds, "operation", "rejected", "type");
    private readonly HistogramFamily _webhooks = new("apiserver_admission_webhook_admission_duration_seconds", "[STABLE] Admission webhook latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).", WebhookBounds, "name", "operation", "rejected", "type");
    private readonly NumberFamily _webhookRejections = new("apiserver_admission_webhook_rejection_count", "counter", "[ALPHA] Admission webhook rejection count, identified by name and broken out for each admission type (validating or admit) and operation. Additional labels specify an error type (calling_webhook_error or apiserver_internal_error if an error occurred; no_error otherwise) and optionally a non-zero rejection code if the webhook rejects the request with an HTTP status code (honored by the apiserver when the code is greater or equal to 400). Codes greater than 600 are truncated to 600, to keep the metrics cardinality bounded.", "error_type", "name", "operation", "rejection_code", "type");
    private readonly NumberFamily _webhookFailOpens = new("apiserver_admission_webhook_fail_open_count", "counter", "[ALPHA] Admission webhook fail open count, identified by name and broken out for each admission type (validating or mutating).", "name", "type");
    private readonly NumberFamily _webhookRequests = new("apiserver_admission_webhook_request_total", "counter", "[ALPHA] Admission webhook request total, identified by name and broken out for each admission type (validating or mutating) and operation. Additional labels specify whether the request was rejected or not and an HTTP status code. Codes greater than 600 are truncated to 600, to keep the metrics cardinality bounded.", "code", "name", "operation", "rejected", "type");
    private readonly PolicyMetrics _policies = new();
    private readonly NumberFamily _inFlight = new("apiserver_current_inflight_requests", "gauge", "[STABLE] Maximal number of currently used inflight request limit of this apiserver per request kind in last second.", "request_kind");
    private readonly HistogramFamily _sizes = new("apiserver_response_sizes", "[STABLE] Response size distribution in bytes for each group, version, verb, resource, subresource, scope and component.", SizeBounds, RequestLabels);
    private readonly NumberFamily _deprecated = new("apiserver_requested_deprecated_apis", "gauge", "[STABLE] Gauge of deprecated APIs that have been requested, broken out by API group, version, resource, subresource, and removed_release.", "group", "version", "resource", "subresource", "removed_release");
    private readonly HistogramFamily _storeDurations = new("etcd_request_duration_seconds", "[ALPHA] Etcd request latency in seconds for each operation and object type.", StoreBounds, "operation", "group", "resource");
    private readonly NumberFamily _storeErrors = new("etcd_request_errors_total", "counter", "[ALPHA] Etcd failed request counts for each operation and object type.", "operation", "group", "resource");

    public ApiMetrics()
    {
        InFlight(true, 0);
        InFlight(false, 0);
    }

    /// <summary>All families that are counted here.</summary>
    public IEnumerable<MetricFamily> Families =>
        [_requests, _durations, _sliDurations, _longRunning, _watchEvents, _authentications, _authenticationDurations, _users, _authorizations, _plugins, _steps, _webhooks, _webhookRejections, _webhookFailOpens, _webhookRequests, .. _policies.Families, _inFlight, _sizes, _deprecated, _storeDurations, StoreRequests(), _storeErrors];

    private ReadFamily StoreRequests() => new("etcd_requests_total", "counter", "[ALPHA] Etcd request counts for each operation and object type.", _storeDurations.Counts, "operation", "group", "resource");

    public void InFlight(bool isWrite, int change) => _inFlight.Add(new(isWrite ? "mutating" : "readOnly"), change);

    /// <summary>Counts one answered request. Of a watch this is its beginning, whose duration says nothing.</summary>
    public void Observe(ApiCall call, int code, TimeSpan elapsed)
    {
        var (info, verb) = (call.Info, VerbOf(call));
        var (group, version, resource, subresource) = Parts(info, code);
        var (dryRun, scope) = (call.Query.Get("dryRun") == "All" ? "All" : "", Scope(info));
        _requests.Add(new(verb, dryRun, group, version, resource, subresource, scope, "apiserver", $"{(code == 0 ? 200 : code)}")); // 0: the endpoint answered by itself
        if (verb is not ("WATCH" or "CONNECT"))
        {
            _durations.Observe(new(verb, dryRun, group, version, resource, subresource, scope, "apiserver"), elapsed.TotalSeconds);
            _sliDurations.Observe(new(verb, group, version, resource, subresource, scope, "apiserver"), elapsed.TotalSeconds);
        }
    }

    public void LongRunning(ApiCall call, int change)
    {
        var (group, version, resource, subresource) = Parts(call.Info, 200);
        _longRunning.Add(new(VerbOf(call), group, version, resource, subresource, Scope(call.Info), "apiserver"), change);
    }

    /// <summary>Where the events of a kind are counted.</summary>
    public long[] WatchEvents(string group, string version, string kind) => _watchEvents.Cell(new(group, version, kind));

    /// <summary>One credential looked at: success, failure or error.</summary>
    public void Authenticated(string result, string? user, TimeSpan elapsed)
    {
        _authentications.Add(new(result));
        _authenticationDurations.Observe(new(result), elapsed.TotalSeconds);
        if (user is not null)
        {
            // Names of users must not make new label values without end.
            _users.Add(new(user is "admin" or "client" or "kube_proxy" or "kubelet" or "system:serviceaccount:kube-system:default" ? user : user.Contains('@', StringComparison.Ordinal) ? "email_id" : "other"));
        }
    }

    /// <summary>The body of an answer to a read has been written.</summary>
    public void Responded(ApiCall call, int code, long bytes)
    {
        var verb = VerbOf(call);
        if (verb is "GET" or "LIST")
        {
            var (group, version, resource, subresource) = Parts(call.Info, code);
            _sizes.Observe(new(verb, group, version, resource, subresource, Scope(call.Info), "apiserver"), bytes);
        }
    }

    /// <summary>Somebody asked for what will go, or may; the warning tells in which release, which is returned.</summary>
    public string AskedDeprecated(RequestInfo info, string warning)
    {
        const string Removed = "unavailable in v";
        var at = warning.IndexOf(Removed, StringComparison.Ordinal);
        var release = at < 0 ? "" : warning[(at + Removed.Length)..].Split('+')[0];
        Interlocked.Exchange(ref _deprecated.Cell(new(info.ApiGroup, info.ApiVersion, info.Resource, info.Subresource, release))[0], 1);
        return release;
    }

    /// <summary>The store has answered: get, list, create, update or delete.</summary>
    public void Stored(string operation, string group, string resource, TimeSpan elapsed, bool failed)
    {
        var labels = new LabelValues(operation, group, resource);
        _storeDurations.Observe(labels, elapsed.TotalSeconds);
        if (failed)
        {
            _storeErrors.Add(labels);
        }
    }

    public void Authorized(string result) => _authorizations.Add(new(result));

    /// <summary>One plugin, or with an empty name a whole phase, has looked at a write. <paramref name="type"/> is admit or validate.</summary>
    public void Admitted(string plugin, string operation, string type, bool rejected, TimeSpan elapsed)
    {
        var refused = rejected ? "true" : "false";
        if (plugin.Length > 0)
        {
            _plugins.Observe(new(plugin, operation, refused, type), elapsed.TotalSeconds);
        }
        else
        {
            _steps.Observe(new(operation, refused, type), elapsed.TotalSeconds);
        }
    }

    /// <summary>A webhook was asked, or should have been. <paramref name="type"/> is admit or validating.</summary>
    public void WebhookAsked(string name, string type, string operation, bool rejected, int code, TimeSpan elapsed)
    {
        var refused = rejected ? "true" : "false";
        _webhookRequests.Add(new($"{Math.Min(code, MaxCode)}", name, operation, refused, type));
        _webhooks.Observe(new(name, operation, refused, type), elapsed.TotalSeconds);
    }

    /// <summary>A webhook's word, its failure or the server's refused a write: no_error, calling_webhook_error, apiserver_internal_error.</summary>
    public void WebhookRejected(string name, string type, string operation, string error, int code) =>
        _webhookRejections.Add(new(error, name, operation, $"{Math.Min(code, MaxCode)}", type));

    /// <summary>A webhook could not be asked, and its failure policy let the write pass.</summary>
    public void WebhookFailedOpen(string name, string type) => _webhookFailOpens.Add(new(name, type));

    /// <summary>Something was said about a request by a ValidatingAdmissionPolicy; <paramref name="action"/> is allow, deny, warn or audit.</summary>
    public void PolicyChecked(string policy, string binding, string message, string action, TimeSpan elapsed) => _policies.Checked(policy, binding, message, action, elapsed);

    /// <summary>A mutation of a MutatingAdmissionPolicy was made, or could not be.</summary>
    public void PolicyMutated(string policy, string binding, string? problem, TimeSpan elapsed) => _policies.Mutated(policy, binding, problem, elapsed);

    // What nothing serves must not make new label values.
    private static (string Group, string Version, string Resource, string Subresource) Parts(RequestInfo info, int code) =>
        info.IsResourceRequest && code != 404 ? (info.ApiGroup, info.ApiVersion, info.Resource, info.Subresource) : ("", "", "", "");

    private static string VerbOf(ApiCall call) => call.Info switch
    {
        { IsResourceRequest: true, Subresource: "log" or "exec" or "portforward" or "attach" or "proxy" } => "CONNECT",
        { Verb: "create" } => "POST",
        { Verb: "update" } => "PUT",
        { Verb: "patch" } when call.ContentType?.StartsWith("application/apply-patch", StringComparison.Ordinal) == true => "APPLY",
        { Verb: "get" or "list" or "watch" or "patch" or "delete" or "deletecollection" or "post" or "put" } info => info.Verb.ToUpperInvariant(),
        _ => "other",
    };

    private static string Scope(RequestInfo info) =>
        info.Name.Length > 0 || info.Verb == "create" ? "resource" : info.Namespace.Length > 0 ? "namespace" : info.IsResourceRequest ? "cluster" : "";
}
