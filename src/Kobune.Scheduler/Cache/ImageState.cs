namespace Kobune.Scheduler.Cache;

/// <summary>An image somewhere in the cluster.</summary>
internal readonly record struct ImageState(long Size, int Nodes);
