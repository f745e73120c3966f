using Halley.Client.Agent.Running;
using Halley.Storage;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Agent.Running;

public sealed class JobBlobStoreConforms : BlobStoreConformance
{
    protected override Task<IBlobStore> CreateStoreAsync() =>
        Task.FromResult<IBlobStore>(new JobBlobStore(new MemoryBlobStore(), CancellationToken.None));
}
