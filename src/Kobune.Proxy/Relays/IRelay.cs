namespace Kobune.Proxy.Relays;

/// <summary>A listening socket whose clients are passed on to backends. Disposing it closes the socket and ends its connections.</summary>
public interface IRelay : IAsyncDisposable
{
    /// <summary>Who answers; replaced while the relay runs.</summary>
    Backends Backends { get; }
}
