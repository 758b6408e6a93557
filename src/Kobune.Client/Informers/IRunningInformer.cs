namespace Kobune.Client.Informers;

/// <summary>The loop behind an informer, for the factory that owns it.</summary>
internal interface IRunningInformer : IInformer
{
    Task RunAsync(CancellationToken ct);
}
