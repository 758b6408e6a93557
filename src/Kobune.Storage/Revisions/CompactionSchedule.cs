namespace Kobune.Storage.Revisions;

/// <summary>Compacts at every interval to the revision of the interval before, as upstream's API server does; runs when idle too, and then finds nothing to do.</summary>
internal sealed class CompactionSchedule : IDisposable
{
    private readonly RevisionCore _core;
    private readonly Action<long> _compact;
    private readonly ITimer _timer;
    private long _lastRevision;

    public CompactionSchedule(RevisionCore core, TimeSpan interval, TimeProvider time, Action<long> compact)
    {
        _core = core;
        _compact = compact;
        _timer = time.CreateTimer(static schedule => ((CompactionSchedule)schedule!).Tick(), this, interval, interval);
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        long target;
        lock (_core.Gate)
        {
            target = _lastRevision;
            _lastRevision = _core.Index.Revision;
            if (target <= _core.Index.Compacted)
            {
                return;
            }
        }

        _compact(target);
    }
}
