using System.Globalization;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;

namespace Kobune.Client.Events;

/// <summary>Events as upstream's recorder makes them. Source: client-go, tools/record, makeEvent.</summary>
public static class EventFactory
{
    /// <summary>A reference to an object.</summary>
    public static ObjectReference ReferenceTo(IKubernetesObject obj) => new()
    {
        Kind = obj.Kind,
        APIVersion = obj.ApiVersion,
        Namespace = obj.Metadata.Namespace,
        Name = obj.Metadata.Name,
        Uid = obj.Metadata.Uid,
        ResourceVersion = obj.Metadata.ResourceVersion,
    };

    /// <summary>A first occurrence. Its name is the object's and the time in hexadecimal nanoseconds; cluster-scoped objects have theirs in "default".</summary>
    public static Event Make(ObjectReference involved, string type, string reason, string message, EventSource source, DateTimeOffset now) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = NameFor(involved.Name, now),
            Namespace = involved.Namespace.Length == 0 ? "default" : involved.Namespace,
        },
        InvolvedObject = involved,
        Type = type,
        Reason = reason,
        Message = message,
        Source = source,
        ReportingController = source.Component,
        ReportingInstance = source.Host,
        FirstTimestamp = now,
        LastTimestamp = now,
        Count = 1,
    };

    /// <summary>Nanoseconds that the clock does not tell apart.</summary>
    internal const int MomentsInTick = 100;

    internal static string NameFor(string name, DateTimeOffset now, int moment = 0) =>
        name + "." + (((now - DateTimeOffset.UnixEpoch).Ticks * MomentsInTick) + moment).ToString("x", CultureInfo.InvariantCulture);
}
