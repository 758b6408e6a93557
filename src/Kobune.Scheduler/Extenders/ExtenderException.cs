namespace Kobune.Scheduler.Extenders;

/// <summary>An extender could not be asked, or its answer makes no sense.</summary>
internal sealed class ExtenderException(string message) : Exception(message);
