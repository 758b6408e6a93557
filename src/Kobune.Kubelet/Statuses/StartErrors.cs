using System.Collections.Concurrent;

namespace Kobune.Kubelet.Statuses;

/// <summary>Why a container could not be started, until it could: the waiting reasons of its status (kubelet/reason_cache.go).</summary>
internal sealed class StartErrors
{
    private readonly ConcurrentDictionary<(string Uid, string Container), (string Reason, string Message)> _errors = new();

    internal void Set(string uid, string container, string reason, string message) => _errors[(uid, container)] = (reason, message);

    internal void Clear(string uid, string container) => _errors.TryRemove((uid, container), out _);

    internal (string Reason, string Message)? Find(string uid, string container) => _errors.TryGetValue((uid, container), out var error) ? error : null;

    internal void Forget(string uid)
    {
        foreach (var key in _errors.Keys.Where(k => k.Uid == uid))
        {
            _errors.TryRemove(key, out _);
        }
    }
}
