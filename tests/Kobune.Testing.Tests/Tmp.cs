using Kobune.Api.Core.V1;
using Microsoft.Extensions.Logging;
namespace Kobune.Testing.Tests;
public sealed class Tmp
{
    [Fact]
    public async Task Debugging()
    {
        using var l = new L();
        await using var cluster = await TestCluster.StartAsync(new() { FakeTime = true, Loggers = l }, default);
        l.T = cluster.Time;
        Console.WriteLine("==== started");
        await cluster.Client.CreateAsync(Manifests.Deployment("web", 1), default);
        for (var i = 0; i < 25; i++)
        {
            await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(0.5), default);
            Console.WriteLine("==== " + cluster.Time.GetUtcNow());
            foreach (var n in (await cluster.Client.ListAsync<Node>("", null, default)).Items) Console.WriteLine(n.Metadata.Name + " " + n.Spec.PodCIDR+" "+string.Join(',', n.Spec.Taints.Select(t=>t.Key)));
            foreach (var n in (await cluster.Client.ListAsync<Pod>("default", null, default)).Items) Console.WriteLine(n.Metadata.Name + " " + n.Status.Phase+" "+n.Spec.NodeName);
        }
    }
    sealed class L : ILoggerFactory, ILogger
    {
        public TimeProvider? T;
        public void AddProvider(ILoggerProvider p) { }
        public ILogger CreateLogger(string c) => this;
        public void Dispose() { }
        public IDisposable? BeginScope<T>(T s) where T : notnull => null;
        public bool IsEnabled(LogLevel l) => true;
        public void Log<TState>(LogLevel l, EventId e, TState s, Exception? x, Func<TState, Exception?, string> f) => Console.WriteLine($"{T?.GetUtcNow():mm:ss.fff} {f(s, x)} {x?.Message}");
    }
}
