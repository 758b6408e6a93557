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
    private TimeSpan _affinity;
    private int _turn;

    /// <summary>How many there are.</summary>
    public int Count => _targets.Count;

    /// <summary>Replaces the list.</summary>
    /// <param name="targets">The endpoints.</param>
    /// <param name="affinity">How long a client keeps its endpoint; zero for no affinity.</param>
    public void Replace(IReadOnlyList<IPEndPoint> targets, TimeSpan affinity)
    {
        lock (_gate)
        {
            (_targets, _affinity) = (targets, affinity);
            foreach (var client in _clients.Where(c => affinity == TimeSpan.Zero || !targets.Contains(c.Value.Target)).Select(c => c.Key).ToList())
            {
                _clients.Remove(client);
            }
        }
    }

    /// <summary>Whether an endpoint is still among them.</summary>
    public bool Has(IPEndPoint target) => _targets.Contains(target);

    /// <summary>The endpoint for a client's next connection; null when there is none.</summary>
    /// <param name="client">Its address.</param>
    /// <param name="failed">Endpoints that did not answer this connection.</param>
    public IPEndPoint? Next(IPAddress client, IReadOnlyCollection<IPEndPoint> failed)
    {
        lock (_gate)
        {
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
