namespace Kobune.Client;

/// <summary>A part of the program with a loop of its own. Its composition root restarts it with back-off when the loop faults.</summary>
public interface IComponent
{
    /// <summary>Upstream's name, "kube-scheduler".</summary>
    string Name { get; }

    /// <summary>Runs until cancelled; everything that it started has ended when it returns.</summary>
    Task RunAsync(CancellationToken ct);
}
