using Kobune.Storage.Memory;
using Kobune.Storage.Tests.Conformance;

namespace Kobune.Storage.Tests.Memory;

public sealed class MemoryStoreTests : StoreConformanceTests
{
    protected override ValueTask<IStore> OpenAsync(StoreOptions options, TimeProvider time) => ValueTask.FromResult<IStore>(new MemoryStore(time, options));
}
