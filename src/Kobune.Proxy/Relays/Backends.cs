using System.Net;

namespace Kobune.Proxy.Relays;

/// <summary>
/// Who answers for one frontend: round robin, or the same one for a client while it keeps coming (session affinity). The list is replaced whole;
/// connections that stand are not touched.
/// </summary>
public sealed class Backends(TimeProvider time)
{
    private const int MaxClients = 65_536;
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, (IPEndPoint Target, long Used)> _clients = [];
    private IReadOnlyList<IPEndPoint> _targets = [];
    private IReadOnlyList<IPNetwork> _admitted = [];
    private TimeSpan _affinity;
    private int _turn;

    /// <summary>How many there are.</summary>
    public int Count => _targets.Count;

    /// <summary>Replaces the list.</summary>
    /// <param name="targets">The endpoints.</param>
    /// <param name="affinity">How long a client keeps its endpoint; zero for no affinity.</param>
    /// <param name="admitted">Networks whose clients are served; all when empty.</param>
    public void Replace(IReadOnlyList<IPEndPoint> targets, TimeSpan affinity, IReadOnlyList<IPNetwork>? admitted = null)
    {
        lock (_gate)
        {
            (_targets, _affinity, _admitted) = (targets, affinity, admitted ?? []);
            foreach (var client in _clients.Where(c => affinity == TimeSpan.Zero || !targets.Contains(c.Value.Target)).Select(c => c.Key).ToList())
            {
                _clients.Remove(client);
            }
        }
    }

    /// <summary>Whether a client that was given an endpoint may still use it.</summary>
    public bool Keeps(IPAddress client, IPEndPoint target) => _targets.Contains(target) && Admits(client);

    /// <summary>The endpoint for a client's next connection; null when there is none, or none for this client.</summary>
    /// <param name="client">Its address.</param>
    /// <param name="failed">Endpoints that did not answer this connection.</param>
    public IPEndPoint? Next(IPAddress client, IReadOnlyCollection<IPEndPoint> failed)
    {
        lock (_gate)
        {
            if (!Admits(client))
            {
                return null;
            }

            if (_affinity > TimeSpan.Zero && _clients.TryGetValue(client, out var held) && time.GetElapsedTime(held.Used) < _affinity && !failed.Contains(held.Target))
            {
                _clients[client] = (held.Target, time.GetTimestamp());
                return held.Target;
            }

            for (var i = 0; i < _targets.Count; i++)
            {
                var target = _targets[(int)((uint)_turn++ % (uint)_targets.Count)];
                if (!failed.Contains(target))
                {
                    Remember(client, target);
                    return target;
                }
            }

            return null;
        }
    }

    private bool Admits(IPAddress client)
    {
        var admitted = _admitted;
        return admitted.Count == 0 || admitted.Any(n => n.Contains(client));
    }

    private void Remember(IPAddress client, IPEndPoint target)
    {
        if (_affinity == TimeSpan.Zero)
        {
            return;
        }

        if (_clients.Count >= MaxClients)
        {
            foreach (var old in _clients.Where(c => time.GetElapsedTime(c.Value.Used) >= _affinity).Select(c => c.Key).ToList())
            {
                _clients.Remove(old);
            }
        }

        _clients[client] = (target, time.GetTimestamp());
    }
}
