using Kobune.Dns.Wire;

namespace Kobune.Dns.Forwarding;

/// <summary>
/// Upstream answers, kept as long as their records and the limits of their domain allow. Bounded: when full, the entry that was put first
/// goes. Safe for many threads.
/// </summary>
internal sealed class AnswerCache(int capacity, Func<DnsName, CacheLimits> limits, TimeProvider time)
{
    /// <summary>CoreDNS' size for each of its two halves.</summary>
    public const int DefaultCapacity = 9984;

    private readonly Lock _gate = new();
    private readonly Dictionary<Key, Entry> _entries = [];
    private readonly Queue<(Key Key, Entry Entry)> _order = new();

    /// <summary>What makes two questions the same.</summary>
    internal readonly record struct Key(DnsQuestion Question, bool DnssecOk, bool CheckingDisabled);

    private sealed record Entry(DnsMessage Message, long Stored, uint Lifetime)
    {
        /// <summary>Questions without a long pause between them; the answer that replaces this one goes on counting.</summary>
        public int Hits { get; set; }

        public long LastHit { get; set; }

        public bool IsRefreshing { get; set; }
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>The kept answer with its times to live counted down, or null.</summary>
    public DnsMessage? Find(Key key) => Find(key, out _);

    /// <summary>The same, and whether the caller shall ask for it again now; that is said once for each answer.</summary>
    public DnsMessage? Find(Key key, out bool isDue)
    {
        Entry? entry;
        uint age;
        isDue = false;
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out entry))
            {
                return null;
            }

            age = (uint)time.GetElapsedTime(entry.Stored).TotalSeconds;
            if (age >= entry.Lifetime)
            {
                _entries.Remove(key);
                return null;
            }

            isDue = CountHit(entry, age, limits(key.Question.Name).Prefetch);
        }

        return entry.Message with
        {
            Answers = Aged(entry.Message.Answers, age),
            Authorities = Aged(entry.Message.Authorities, age),
            Additionals = Aged(entry.Message.Additionals, age),
        };
    }

    /// <summary>Keeps an answer if it may be kept: whole, and either with records or a negative one with an SOA (RFC 2308).</summary>
    public void Store(Key key, DnsMessage answer)
    {
        var lifetime = Lifetime(answer, limits(key.Question.Name));
        if (lifetime == 0)
        {
            return;
        }

        var entry = new Entry(answer, time.GetTimestamp(), lifetime);
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var old))
            {
                (entry.Hits, entry.LastHit) = (old.Hits, old.LastHit);
            }

            _entries[key] = entry;
            _order.Enqueue((key, entry));
            while (_order.Count > capacity)
            {
                var (oldest, value) = _order.Dequeue();
                if (_entries.TryGetValue(oldest, out var current) && ReferenceEquals(current, value))
                {
                    _entries.Remove(oldest);
                }
            }
        }
    }

    private bool CountHit(Entry entry, uint age, Prefetch prefetch)
    {
        if (prefetch.Amount == 0)
        {
            return false;
        }

        entry.Hits = entry.Hits == 0 || time.GetElapsedTime(entry.LastHit) >= prefetch.Gap ? 1 : entry.Hits + 1;
        entry.LastHit = time.GetTimestamp();
        return !entry.IsRefreshing && prefetch.IsDue(entry.Hits, entry.Lifetime - age, entry.Lifetime) && (entry.IsRefreshing = true);
    }

    private static uint Lifetime(DnsMessage answer, CacheLimits limits)
    {
        if (answer.Has(DnsFlags.Truncated) || answer.Rcode is not (DnsRcode.NoError or DnsRcode.NXDomain))
        {
            return 0;
        }

        var negative = answer.Rcode == DnsRcode.NXDomain || answer.Answers.Count == 0;
        var lifetime = negative ? limits.Denial : limits.Success;
        var soaSeen = false;
        foreach (var record in answer.Answers)
        {
            lifetime = Math.Min(lifetime, record.Ttl);
        }

        foreach (var record in answer.Authorities)
        {
            lifetime = Math.Min(lifetime, record.Ttl);
            if (record.Data is SoaData soa)
            {
                soaSeen = true;
                lifetime = Math.Min(lifetime, soa.Minimum);
            }
        }

        return negative && !soaSeen ? 0 : lifetime;
    }

    private static IReadOnlyList<DnsRecord> Aged(IReadOnlyList<DnsRecord> records, uint age) =>
        age == 0 || records.Count == 0 ? records : [.. records.Select(r => r with { Ttl = r.Ttl > age ? r.Ttl - age : 0 })];
}
