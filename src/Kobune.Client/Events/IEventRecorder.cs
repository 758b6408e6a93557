using Kobune.Api;
using Kobune.Api.Core.V1;

namespace Kobune.Client.Events;

/// <summary>Where components say what they did to an object.</summary>
public interface IEventRecorder
{
    /// <summary>Records an event about an object or a part of it. Never blocks, never throws.</summary>
    /// <param name="involved">The object.</param>
    /// <param name="type">"Normal" or "Warning".</param>
    /// <param name="reason">One word in upper camel case.</param>
    /// <param name="message">A sentence for people.</param>
    void Record(ObjectReference involved, string type, string reason, string message);
}

/// <summary>Shorter forms.</summary>
public static class EventRecorderExtensions
{
    /// <summary>Records that something went as it should.</summary>
    public static void Normal(this IEventRecorder recorder, IKubernetesObject involved, string reason, string message) =>
        recorder.Record(EventFactory.ReferenceTo(involved), "Normal", reason, message);

    /// <summary>Records that something needs a look.</summary>
    public static void Warning(this IEventRecorder recorder, IKubernetesObject involved, string reason, string message) =>
        recorder.Record(EventFactory.ReferenceTo(involved), "Warning", reason, message);
}
