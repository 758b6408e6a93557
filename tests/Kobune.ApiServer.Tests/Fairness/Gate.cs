using System.Threading.Channels;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Tests.Fairness;

/// <summary>An authorizer that allows everything and holds requests of one path until it is opened: they are being served meanwhile.</summary>
internal sealed class Gate(string path) : IAuthorizer
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<bool> _arrived = Channel.CreateUnbounded<bool>();

    public void Open() => _open.TrySetResult();

    /// <summary>Waits until one more request is held.</summary>
    public Task ArrivedAsync() => _arrived.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask();

    public async ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken ct)
    {
        if (request.Path == path)
        {
            _arrived.Writer.TryWrite(true);
            await _open.Task.WaitAsync(ct);
        }

        return new(Decision.Allow, "");
    }
}
