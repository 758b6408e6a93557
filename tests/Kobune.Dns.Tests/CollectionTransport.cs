using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Client.Transport;

namespace Kobune.Tests.Collections;

/// <summary>The reading half of an API server, for components that only read: whole collections in memory, listed and watched.</summary>
internal sealed class CollectionTransport : ITransport
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Plural, string Key), EncodedObject> _objects = [];
    private readonly List<(string Plural, long Revision, ApiWatchEvent Event)> _log = [];
    private readonly List<Channel<bool>> _wakers = [];
    private long _revision = 1;

    public void Put<T>(T obj)
        where T : class, IKubernetesObject<T>
    {
        lock (_gate)
        {
            var stored = Stamp(obj);
            var key = (T.Resource.Plural, obj.Metadata.Namespace + "/" + obj.Metadata.Name);
            Publish(T.Resource.Plural, new(_objects.ContainsKey(key) ? "MODIFIED" : "ADDED", stored));
            _objects[key] = stored;
        }
    }

    public void Remove<T>(string ns, string name)
        where T : class, IKubernetesObject<T>
    {
        lock (_gate)
        {
            if (_objects.Remove((T.Resource.Plural, ns + "/" + name), out var old))
            {
                Publish(T.Resource.Plural, new("DELETED", Stamp(old.Read<T>())));
            }
        }
    }

    public ValueTask<ApiList> ListAsync(ApiRequest request, CancellationToken ct)
    {
        var plural = PluralOf(request);
        lock (_gate)
        {
            return ValueTask.FromResult(new ApiList([.. _objects.Where(o => o.Key.Plural == plural).Select(o => o.Value)], _revision.ToString(), null));
        }
    }

    public async IAsyncEnumerable<ApiWatchEvent> WatchAsync(ApiRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        var plural = PluralOf(request);
        var revision = long.Parse(request.PathAndQuery.Split("resourceVersion=")[1].Split('&')[0]);
        var waker = Channel.CreateUnbounded<bool>();
        lock (_gate)
        {
            _wakers.Add(waker);
        }

        while (!ct.IsCancellationRequested)
        {
            List<(string Plural, long Revision, ApiWatchEvent Event)> news;
            lock (_gate)
            {
                news = _log[(int)(revision - 1)..]; // the first entry's revision is 2
            }

            foreach (var entry in news)
            {
                revision = entry.Revision;
                if (entry.Plural == plural)
                {
                    yield return entry.Event;
                }
            }

            if (news.Count == 0)
            {
                await waker.Reader.ReadAsync(ct);
            }
        }
    }

    public ValueTask<ApiResponse> SendAsync(ApiRequest request, CancellationToken ct) =>
        ValueTask.FromResult(new ApiResponse(405, new(Encoding.UTF8.GetBytes("""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"MethodNotAllowed","code":405}"""))));

    public ValueTask<ApiUpgrade> UpgradeAsync(ApiRequest request, string protocol, CancellationToken ct) => throw new NotSupportedException();

    private static string PluralOf(ApiRequest request) => request.PathAndQuery.Split('?')[0].Split('/')[^1];

    private EncodedObject Stamp<T>(T obj)
        where T : class, IKubernetesObject<T>
    {
        _revision++;
        return new(JsonText.Bytes(obj.WithMetadata(obj.Metadata with { ResourceVersion = _revision.ToString(), Uid = obj.Metadata.Uid is { Length: > 0 } uid ? uid : obj.Metadata.Name })));
    }

    private void Publish(string plural, ApiWatchEvent change)
    {
        _log.Add((plural, _revision, change));
        _wakers.ForEach(w => w.Writer.TryWrite(true));
    }
}
