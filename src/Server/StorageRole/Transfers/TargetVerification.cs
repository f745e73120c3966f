using Halley.Protocol;
using Halley.Server.StorageRole.Buckets;
using Halley.Storage;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>Lets the other server read files again from its disks and compare them with their names, list by list.</summary>
internal sealed class TargetVerification(TargetServer server, string bucketId, TransferJournal journal)
{
    private const int MostNames = 1000;
    private const long MostBytes = 1024L * 1024 * 1024;

    /// <summary>How many were not found right. A wrong one is absent there from now on.</summary>
    public async Task<int> RunAsync(IEnumerable<(BlobName Name, long Length)> files, CancellationToken cancellationToken)
    {
        var wrong = 0;
        var list = new List<BlobName>();
        long bytes = 0;
        foreach (var (name, length) in files)
        {
            list.Add(name);
            bytes += length;
            if (list.Count == MostNames || bytes >= MostBytes)
            {
                wrong += await RunAsync(list, cancellationToken);
                list.Clear();
                bytes = 0;
            }
        }

        return wrong + (list.Count == 0 ? 0 : await RunAsync(list, cancellationToken));
    }

    private async Task<int> RunAsync(List<BlobName> list, CancellationToken cancellationToken)
    {
        var answer = await server.VerifyAsync(bucketId, [.. list.Select(name => name.ToString())], cancellationToken);
        var asked = list.ToHashSet();
        foreach (var file in answer.Items ?? [])
        {
            if (file.Result == RereadResult.Right && BlobNames.Parse(file.Name) is { } name && asked.Remove(name))
            {
                journal.AddVerified(name.Type, FileId.Parse(name.Id));
            }
        }

        return asked.Count;
    }
}
