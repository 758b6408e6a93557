namespace Kobune.ApiServer.Fairness;

/// <summary>What a request is expected to cost. Source: k8s.io/apiserver, util/flowcontrol/request.</summary>
/// <param name="InitialSeats">Seats while it is served.</param>
/// <param name="FinalSeats">Seats after its answer, while watchers are told of what it wrote.</param>
/// <param name="AdditionalLatency">How long that takes.</param>
internal readonly record struct WorkEstimate(int InitialSeats, int FinalSeats = 0, TimeSpan AdditionalLatency = default)
{
    /// <summary>The seats that are taken for the whole time.</summary>
    public int MaxSeats => Math.Max(InitialSeats, FinalSeats);
}
