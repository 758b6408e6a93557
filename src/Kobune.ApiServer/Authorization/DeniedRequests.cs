using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Requests;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Authorization;

/// <summary>One refused request.</summary>
public sealed record DeniedRequest(string User, string Verb, string Group, string Resource, string Namespace, string Name, string Reason);

/// <summary>Refused requests of the cluster's own components (controllers, scheduler, kubelets, proxy). There must be none: each is a component whose role or behaviour differs from upstream's.</summary>
public interface IDeniedRequests
{
    /// <summary>How many there were.</summary>
    long Count { get; }

    /// <summary>The first hundred.</summary>
    IReadOnlyList<DeniedRequest> Items { get; }
}

/// <summary>The authorizer of real requests: remembers what is refused to components. Reviews and impersonation ask the inner one.</summary>
public sealed partial class RecordingAuthorizer(IAuthorizer inner, ILogger<RecordingAuthorizer> logger) : IAuthorizer, IDeniedRequests
{
    private const int MaxItems = 100;

    private readonly Lock _gate = new();
    private readonly List<DeniedRequest> _items = [];
    private long _count;

    /// <inheritdoc/>
    public long Count => Interlocked.Read(ref _count);

    /// <inheritdoc/>
    public IReadOnlyList<DeniedRequest> Items
    {
        get
        {
            lock (_gate)
            {
                return [.. _items];
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken ct)
    {
        var pending = inner.AuthorizeAsync(user, request, ct);
        return pending.IsCompletedSuccessfully ? new(Observe(user, request, pending.GetAwaiter().GetResult())) : ObserveAsync(pending, user, request);
    }

    private static bool IsComponent(string user) =>
        user.StartsWith("system:kube-", StringComparison.Ordinal) || user.StartsWith(UserNames.NodePrefix, StringComparison.Ordinal)
        || user == "system:apiserver"
        || (user.StartsWith("system:serviceaccount:kube-system:", StringComparison.Ordinal) && !user.EndsWith(":default", StringComparison.Ordinal));

    private async ValueTask<AuthorizationResult> ObserveAsync(ValueTask<AuthorizationResult> pending, UserInfo user, RequestInfo request) =>
        Observe(user, request, await pending);

    private AuthorizationResult Observe(UserInfo user, RequestInfo request, AuthorizationResult result)
    {
        if (result.Decision != Decision.Allow && IsComponent(user.Name))
        {
            Remember(user, request, result.Reason);
        }

        return result;
    }

    private void Remember(UserInfo user, RequestInfo request, string reason)
    {
        var resource = request.IsResourceRequest ? request.Subresource.Length == 0 ? request.Resource : $"{request.Resource}/{request.Subresource}" : request.Path;
        LogDenied(user.Name, request.Verb, resource, request.ApiGroup, request.Namespace, request.Name, reason);
        Interlocked.Increment(ref _count);
        lock (_gate)
        {
            if (_items.Count < MaxItems)
            {
                _items.Add(new(user.Name, request.Verb, request.ApiGroup, resource, request.Namespace, request.Name, reason));
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Component {User} was refused: {Verb} {Resource} in group '{Group}', namespace '{Namespace}', name '{Name}' {Reason}")]
    private partial void LogDenied(string user, string verb, string resource, string group, string @namespace, string name, string reason);
}
