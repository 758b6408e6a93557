namespace Kobune.ApiServer.Watch;

/// <summary>
/// The recent changes of one resource, oldest first. Grows while its oldest change is young, so that a client that was away for a minute can go on, but not without a bound, and
/// becomes small again when the changes have grown old: each of them holds a state of an object. Guarded by the cache's lock.
/// </summary>
internal sealed class EventWindow(TimeProvider time)
{
    private const int SmallestCapacity = 128;
    private const int LargestCapacity = 64 * 1024;
    private const long LargestSize = 32 << 20;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(75);

    private (CacheChange Change, long Time)[] _ring = new (CacheChange, long)[SmallestCapacity];
    private int _start;
    private int _count;
    private long _size;

    /// <summary>Changes above this revision are all here.</summary>
    public long Floor { get; private set; }

    /// <summary>Forgets everything: only changes above <paramref name="revision"/> can be told from now on.</summary>
    public void Reset(long revision)
    {
        _ring = new (CacheChange, long)[SmallestCapacity];
        _start = 0;
        _count = 0;
        _size = 0;
        Floor = revision;
    }

    public void Add(CacheChange change)
    {
        if (_count == _ring.Length)
        {
            MakeRoom();
        }

        _ring[(_start + _count) % _ring.Length] = (change, time.GetTimestamp());
        _count++;
        _size += SizeOf(change);
        while (_size > LargestSize && _count > SmallestCapacity)
        {
            DropOldest();
        }
    }

    /// <summary>The changes above a revision, in order; null when some of them are gone.</summary>
    public List<CacheChange>? Since(long revision)
    {
        if (revision < Floor)
        {
            return null;
        }

        int low = 0, high = _count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (At(middle).Revision > revision)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        var changes = new List<CacheChange>(_count - low);
        for (var i = low; i < _count; i++)
        {
            changes.Add(At(i));
        }

        return changes;
    }

    /// <summary>Forgets what is old, but for the last few changes.</summary>
    public void Trim()
    {
        while (_count > SmallestCapacity && OldestIsOld)
        {
            DropOldest();
        }

        var wanted = SmallestCapacity;
        while (wanted < _count)
        {
            wanted *= 2;
        }

        if (wanted < _ring.Length)
        {
            Move(wanted);
        }
    }

    private static int SizeOf(CacheChange change) => change.Current?.Json.Length ?? 0;

    private CacheChange At(int i) => _ring[(_start + i) % _ring.Length].Change;

    private void MakeRoom()
    {
        if (_ring.Length < LargestCapacity && !OldestIsOld)
        {
            Move(_ring.Length * 2);
        }
        else
        {
            DropOldest();
        }
    }

    private bool OldestIsOld => time.GetElapsedTime(_ring[_start].Time) >= Fresh;

    // Whole commits only: a revision that is half gone cannot be told.
    private void DropOldest()
    {
        Floor = _ring[_start].Change.Revision;
        do
        {
            _size -= SizeOf(_ring[_start].Change);
            _ring[_start] = default;
            _start = (_start + 1) % _ring.Length;
            _count--;
        }
        while (_count > 0 && _ring[_start].Change.Revision == Floor);
    }

    private void Move(int capacity)
    {
        var ring = new (CacheChange, long)[capacity];
        for (var i = 0; i < _count; i++)
        {
            ring[i] = _ring[(_start + i) % _ring.Length];
        }

        _ring = ring;
        _start = 0;
    }
}
