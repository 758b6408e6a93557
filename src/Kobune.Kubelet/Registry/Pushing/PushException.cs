namespace Kobune.Kubelet.Registry.Pushing;

/// <summary>An image could not be pushed.</summary>
public sealed class PushException(string message, Exception? inner = null) : Exception(message, inner);
