using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Tests.Fairness;

/// <summary>An authorizer that allows everything and holds requests of one path until it is opened: they are being served meanwhile.</summary>
internal sealed class Gate(string path) : IAuthorizer
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _arrived = new(0);

    public void Open() => _open.TrySetResult();

    /// <summary>Waits until one more request is held.</summary>
    public Task ArrivedAsync() => _arrived.WaitAsync(TestContext.Current.CancellationToken);

    public async ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken ct)
    {
        if (request.Path == path)
        {
            _arrived.Release();
            await _open.Task.WaitAsync(ct);
        }

        return new(Decision.Allow, "");
    }
}
