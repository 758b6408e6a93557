using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler;

/// <summary>A plugin failed, which says nothing about the pod: it is tried again after a back-off.</summary>
internal sealed class PluginException(Status status) : Exception($"running plugin \"{status.Plugin}\": {status.Message}");
