using Kobune.Client;
using Kobune.Client.Events;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Devices;
using Kobune.Scheduler.Metrics;
using Kobune.Scheduler.Queue;
using Kobune.Scheduler.Volumes;

namespace Kobune.Scheduler.Plugins;

/// <summary>What plugins are made from.</summary>
/// <param name="Client">The door to the server.</param>
/// <param name="Snapshot">Nodes and pods as the cycle sees them.</param>
/// <param name="Cluster">Everything else that scheduling depends on.</param>
/// <param name="Volumes">Claims, volumes and classes.</param>
/// <param name="Devices">Claims and devices; null where the release has none.</param>
/// <param name="Nominator">Pods for which room is being made.</param>
/// <param name="Events">Where plugins say what they did to other pods.</param>
/// <param name="Profile">Settings.</param>
/// <param name="Calls">Where calls to the server are counted.</param>
/// <param name="Time">The clock.</param>
/// <param name="Random">A number below another.</param>
internal sealed record PluginContext(
    IClient Client,
    Snapshot Snapshot,
    ClusterView Cluster,
    VolumeView Volumes,
    DeviceView? Devices,
    Nominator Nominator,
    IEventRecorder Events,
    SchedulerProfile Profile,
    CallMetrics Calls,
    TimeProvider Time,
    Func<int, int> Random);
