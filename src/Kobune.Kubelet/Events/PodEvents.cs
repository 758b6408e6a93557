using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Events;

/// <summary>Events that the kubelet records about pods and nodes.</summary>
internal interface IKubeletEvents
{
    /// <param name="pod">The pod that the event is about.</param>
    /// <param name="container">The container of the pod, or null for the pod as a whole.</param>
    /// <param name="type">Normal or Warning.</param>
    /// <param name="reason">One of <see cref="EventReasons"/>.</param>
    /// <param name="message">For people.</param>
    void Pod(Pod pod, Container? container, string type, string reason, string message);

    void Node(string type, string reason, string message);
}

/// <summary>Reasons of events (kubelet/events/event.go).</summary>
internal static class EventReasons
{
    internal const string Normal = "Normal";
    internal const string Warning = "Warning";
    internal const string Created = "Created";
    internal const string Started = "Started";
    internal const string Failed = "Failed";
    internal const string Killing = "Killing";
    internal const string BackOff = "BackOff";
    internal const string Pulling = "Pulling";
    internal const string Pulled = "Pulled";
    internal const string ErrImageNeverPull = "ErrImageNeverPull";
    internal const string InspectFailed = "InspectFailed";
    internal const string FailedMount = "FailedMount";
    internal const string FailedMapVolume = "FailedMapVolume";
    internal const string FailedCreatePodSandbox = "FailedCreatePodSandBox";
    internal const string FailedPrepareDynamicResources = "FailedPrepareDynamicResources";
    internal const string SandboxChanged = "SandboxChanged";
    internal const string FailedKillPod = "FailedKillPod";
    internal const string NetworkNotReady = "NetworkNotReady";
    internal const string Unhealthy = "Unhealthy";
    internal const string ProbeWarning = "ProbeWarning";
    internal const string FailedPostStartHook = "FailedPostStartHook";
    internal const string FailedPreStopHook = "FailedPreStopHook";
    internal const string InvalidEnvironmentVariableNames = "InvalidEnvironmentVariableNames";
    internal const string DNSConfigForming = "DNSConfigForming";
    internal const string MissingClusterDNS = "MissingClusterDNS";
    internal const string ResizeStarted = "ResizeStarted";
    internal const string ResizeCompleted = "ResizeCompleted";
    internal const string ResizeDeferred = "ResizeDeferred";
    internal const string ResizeInfeasible = "ResizeInfeasible";
    internal const string ResizeError = "ResizeError";
    internal const string FailedSync = "FailedSync";
    internal const string Starting = "Starting";
    internal const string NodeReady = "NodeReady";
    internal const string NodeNotReady = "NodeNotReady";
}
