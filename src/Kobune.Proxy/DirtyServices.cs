using System.Threading.Channels;

namespace Kobune.Proxy;

/// <summary>Names of Services whose rules may have to change, collected from the informers' loops for the one sync loop.</summary>
internal sealed class DirtyServices
{
    private readonly Lock _gate = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private HashSet<string> _names = [];
    private bool _all;

    public void Add(string service)
    {
        lock (_gate)
        {
            _names.Add(service);
        }

        _signal.Writer.TryWrite(true);
    }

    /// <summary>Something that concerns every Service.</summary>
    public void AddAll()
    {
        lock (_gate)
        {
            _all = true;
        }

        _signal.Writer.TryWrite(true);
    }

    /// <summary>Waits for something to do; false when nothing came in that time.</summary>
    public async Task<bool> WaitAsync(TimeSpan patience, TimeProvider time, CancellationToken ct)
    {
        using var quiet = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, quiet.Token);
        try
        {
            return await _signal.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The names so far; All when every Service is to be looked at.</summary>
    public (bool All, IReadOnlyCollection<string> Names) Take()
    {
        lock (_gate)
        {
            var taken = (_all, (IReadOnlyCollection<string>)_names);
            (_all, _names) = (false, []);
            return taken;
        }
    }
}
