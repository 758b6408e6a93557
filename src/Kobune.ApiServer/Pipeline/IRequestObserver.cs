using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Pipeline;

/// <summary>Hears of every request when it was answered: for tests that ask what was requested.</summary>
public interface IRequestObserver
{
    /// <summary>Must not block: it runs on the request's way.</summary>
    void Answered(ApiCall call, int statusCode);
}
