using System.Text.Json;
using Kobune.Api;
using Kobune.Api.Clocks;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Client.Transport;
using Microsoft.Extensions.Logging;

namespace Kobune.Client.Informers;

/// <summary>
/// Follows one collection: list (or streaming list), watch, bookmarks, expiry, relist. What it learns goes to its sink; it keeps nothing itself.
/// An object that cannot be decoded is named in the log and left out; the stream goes on.
/// </summary>
public sealed partial class Reflector<T>(ITransport transport, ResourceDescriptor resource, ReflectorOptions options, IReflectorSink<T> sink, TimeProvider time, ILogger logger)
    where T : class, IKubernetesObject, IJsonRecord<T>
{
    private const string InitialEventsEnd = "k8s.io/initial-events-end";
    private static readonly TimeSpan ShortWatch = TimeSpan.FromSeconds(1);
    private readonly string _path = ResourcePath.Of(resource, options.Namespace);
    private string _revision = "";

    /// <summary>Runs until cancelled. It never faults for what a server does.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var state = ReflectorState.Start(options.StreamingList);
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var delay = ReflectorMachine.Delay(state, Dice.Of(time).NextDouble());
                if (delay > TimeSpan.Zero)
                {
                    await Task.Delay(delay, time, ct);
                }

                _revision = state.Revision;
                var outcome = state.Phase switch
                {
                    ReflectorPhase.List => await ListAsync(state.Revision, ct),
                    _ => await WatchAsync(state, ct),
                };
                state = ReflectorMachine.Next(state, outcome, _revision);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Fail(e.Message);
                var lost = e is HttpRequestException or IOException or OperationCanceledException;
                state = ReflectorMachine.Next(state, lost ? ReflectorOutcome.Unavailable : ReflectorOutcome.Failed, _revision);
            }
        }
    }

    private async Task<ReflectorOutcome> ListAsync(string revision, CancellationToken ct)
    {
        var items = new List<T>();
        var query = new ListOptions { LabelSelector = options.LabelSelector, FieldSelector = options.FieldSelector, ResourceVersion = revision, Limit = revision.Length == 0 ? options.PageSize : 0 };
        while (true)
        {
            var list = await transport.ListAsync(Request(ResourcePath.Query(query)), ct);
            if (list.Error is not null)
            {
                var status = ApiException.StatusOf(list.StatusCode, list.Error.Json.Span);
                if (ReflectorMachine.Classify(status, ReflectorPhase.List) == ReflectorOutcome.Expired && query.Continue.Length > 0)
                {
                    // The pages outlived the server's memory: once more in one piece.
                    items.Clear();
                    query = query with { Continue = "", Limit = 0 };
                    continue;
                }

                return Refused(status, ReflectorPhase.List);
            }

            foreach (var encoded in list.Items)
            {
                if (Decode(encoded) is { } item)
                {
                    items.Add(item);
                }
            }

            if (string.IsNullOrEmpty(list.Continue))
            {
                _revision = list.ResourceVersion;
                sink.Replace(items, Revision.Parse(_revision));
                return ReflectorOutcome.Listed;
            }

            query = query with { Continue = list.Continue, ResourceVersion = "" };
        }
    }

    private async Task<ReflectorOutcome> WatchAsync(ReflectorState state, CancellationToken ct)
    {
        var initial = state.Phase == ReflectorPhase.StreamingList ? new List<T>() : null;
        var started = time.GetTimestamp();
        var events = 0;
        await foreach (var change in transport.WatchAsync(Request(ResourcePath.Query(WatchOptions(state), watch: true)), ct))
        {
            if (change.Type == WatchEventType.Error)
            {
                return Refused(ApiException.StatusOf(500, change.Object.Json.Span), state.Phase);
            }

            events++;
            initial = Take(change, initial);
        }

        if (initial is not null)
        {
            _revision = state.Revision;
            return ReflectorOutcome.Failed; // a streaming list that ended before its end is no list
        }

        return events == 0 && time.GetElapsedTime(started) < ShortWatch ? ReflectorOutcome.WatchEndedAtOnce : ReflectorOutcome.WatchEnded;
    }

    private ListOptions WatchOptions(ReflectorState state)
    {
        var watch = new ListOptions
        {
            LabelSelector = options.LabelSelector,
            FieldSelector = options.FieldSelector,
            ResourceVersion = state.Revision,
            AllowWatchBookmarks = true,
            TimeoutSeconds = Dice.Of(time).Next(300, 600), // client-go's minWatchTimeout, spread so that watches do not end together
        };
        return state.Phase == ReflectorPhase.StreamingList
            ? watch with { SendInitialEvents = true, ResourceVersionMatch = "NotOlderThan", ResourceVersion = state.Revision == "0" ? "" : state.Revision }
            : watch;
    }

    private List<T>? Take(ApiWatchEvent change, List<T>? initial)
    {
        if (change.Type == WatchEventType.Bookmark)
        {
            var bookmark = JsonText.Read<PartialObjectMetadata>(change.Object.Json.Span).Metadata;
            _revision = bookmark.ResourceVersion;
            if (initial is null)
            {
                sink.Progress(Revision.Parse(_revision));
            }
            else if (bookmark.Annotations.GetValueOrDefault(InitialEventsEnd) == "true")
            {
                sink.Replace(initial, Revision.Parse(_revision));
                return null;
            }

            return initial;
        }

        if (Decode(change.Object) is not { } item)
        {
            return initial;
        }

        if (initial is not null)
        {
            initial.Add(item);
            return initial;
        }

        _revision = item.Metadata.ResourceVersion;
        if (change.Type == WatchEventType.Deleted)
        {
            sink.Delete(item);
        }
        else
        {
            sink.Set(item);
        }

        return null;
    }

    private T? Decode(EncodedObject encoded)
    {
        try
        {
            // Metadata is read past the record slot: there the whole object's record belongs, which others share.
            return typeof(T) == typeof(PartialObjectMetadata) ? JsonText.Read<T>(encoded.Json.Span) : encoded.Read<T>();
        }
        catch (JsonException e)
        {
            LogUndecodable(resource.Plural, NameOf(encoded), e.Message);
            return null;
        }
    }

    private static string NameOf(EncodedObject encoded)
    {
        try
        {
            return ObjectKey.Of(JsonText.Read<PartialObjectMetadata>(encoded.Json.Span)).ToString();
        }
        catch (JsonException)
        {
            return "(unreadable)";
        }
    }

    private ReflectorOutcome Refused(Status status, ReflectorPhase phase)
    {
        var outcome = ReflectorMachine.Classify(status, phase);
        if (outcome == ReflectorOutcome.Expired)
        {
            LogExpired(resource.Plural, _revision);
        }
        else
        {
            Fail(status.Message);
        }

        return outcome;
    }

    private ApiRequest Request(string query) => options.Accept.Length == 0
        ? new("GET", _path + query)
        : new("GET", _path + query) { Headers = new Dictionary<string, string> { ["Accept"] = options.Accept } };

    private void Fail(string error)
    {
        LogFailed(resource.Plural, error);
        sink.Failed(error);
    }

    [LoggerMessage(LogLevel.Debug, "Following {Resource} failed for now: {Error}")]
    private partial void LogFailed(string resource, string error);

    [LoggerMessage(LogLevel.Debug, "Revision {Revision} of {Resource} is no longer served: listing again")]
    private partial void LogExpired(string resource, string revision);

    [LoggerMessage(LogLevel.Warning, "An object of {Resource} cannot be decoded and is left out: {Name}: {Error}")]
    private partial void LogUndecodable(string resource, string name, string error);
}
