namespace Kobune.ApiServer.Health;

/// <summary>One line of /livez, /readyz and /healthz.</summary>
public interface IHealthCheck
{
    /// <summary>"etcd", "informer-sync", "poststarthook/...".</summary>
    string Name { get; }

    /// <summary>Whether only /readyz asks it: a server that is not ready yet is alive all the same.</summary>
    bool IsReadinessOnly { get; }

    /// <summary>Why it fails, or null when all is well.</summary>
    string? Failure { get; }
}

/// <summary>A health check from a function.</summary>
public sealed class HealthCheck(string name, Func<string?> failure, bool isReadinessOnly = false) : IHealthCheck
{
    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public bool IsReadinessOnly { get; } = isReadinessOnly;

    /// <inheritdoc/>
    public string? Failure => failure();
}
