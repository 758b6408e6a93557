namespace Kobune.Storage.Tests.Conformance;

/// <summary>What every store must do. A store's own test class inherits it and says how to open one.</summary>
public abstract partial class StoreConformanceTests : IAsyncLifetime
{
    private readonly List<IStore> _opened = [];

    internal ManualTime Time { get; } = new();

    internal IStore Store { get; private set; } = null!;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync() => Store = await StartAsync(new StoreOptions());

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var store in _opened)
        {
            await store.DisposeAsync();
        }
    }

    /// <summary>Opens an empty store.</summary>
    protected abstract ValueTask<IStore> OpenAsync(StoreOptions options, TimeProvider time);

    /// <summary>Closes a store and opens it again; a store that keeps nothing returns the same.</summary>
    protected virtual ValueTask<IStore> ReopenAsync(IStore store, StoreOptions options, TimeProvider time) => ValueTask.FromResult(store);

    protected async Task<IStore> StartAsync(StoreOptions options)
    {
        var store = await OpenAsync(options, Time);
        _opened.Add(store);
        return store;
    }

    protected async Task<IStore> RestartAsync(IStore store, StoreOptions? options = null)
    {
        var again = await ReopenAsync(store, options ?? new StoreOptions(), Time);
        _opened.Remove(store);
        _opened.Add(again);
        return again;
    }

    /// <summary>Waits for something that the store does on its own thread.</summary>
    protected static async Task EventuallyAsync(string what, Func<Task<bool>> condition)
    {
        for (var i = 0; i < 6000; i++)
        {
            if (await condition())
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Token);
        }

        Assert.Fail($"not within a minute: {what}");
    }
}
