using Halley.Storage.Disk;
using Halley.Storage.Moving;
using Halley.Storage.Spanning;
using Halley.Storage.Tests.Faults;
using Halley.Storage.Tests.Moving;
using Halley.Testing;

namespace Halley.Storage.Tests;

/// <summary>The same as <see cref="MovingFilesTests"/>, with real threads.</summary>
public sealed class MovingFilesAtRandomTests : IDisposable
{
    private const int Seed = 77;
    private const int Moves = 400;
    private readonly VolumeRig _rig = new(3);
    private readonly TestBlob[] _blobs =
        [.. Enumerable.Range(0, 40).Select(i => TestBlob.Of(i % 2 == 0 ? BlobType.Locks : BlobType.Data, 500 + (i * 997), Seed + i))];

    public void Dispose() => _rig.Dispose();

    [Fact]
    public Task Files_that_are_moved_by_hand_all_the_time_are_never_missed_and_never_short() => RunAsync((random, blob, from, to) =>
    {
        MoveByHand(_rig.FileOn(from, blob.Name), _rig.FileOn(to, blob.Name), blob.Content, isSameFileSystem: random.Next(4) == 0);
        return Task.CompletedTask;
    });

    [Fact]
    public Task Files_that_the_server_moves_all_the_time_are_never_missed_and_never_short() => RunAsync(async (_, blob, from, to) =>
    {
        var mover = new BlobMover(_rig.Set, new Pace(TimeProvider.System, () => false), TimeProvider.System);
        var outcome = await mover.MoveAsync(
            new VolumeFile(VolumeRig.BucketId, blob.Name, blob.Content.Length), _rig.Set.All[from], _rig.Set.All[to]);
        Assert.Equal(MoveOutcome.Moved, outcome);
    });

    private async Task RunAsync(Func<Random, TestBlob, int, int, Task> move)
    {
        _rig.Open(DiskCalls.Real);
        foreach (var blob in _blobs)
        {
            await blob.PutAsync(_rig.Bucket);
        }

        // As long as it takes: how many moves a second the machine makes is none of this test's business.
        using var end = new CancellationTokenSource();
        var mover = Task.Run(() => MoveAsync(move, end));
        Func<Random, Task>[] looks = [LookAsync, LookAsync, ListAsync];
        await Task.WhenAll(looks.Select((look, i) => Task.Run(async () =>
        {
            for (var random = new Random(Seed + i); !end.IsCancellationRequested;)
            {
                await look(random);
            }
        })));
        await mover;
    }

    private async Task LookAsync(Random random)
    {
        var blob = _blobs[random.Next(_blobs.Length)];
        Assert.True(await _rig.Bucket.FindAsync(blob.Name, CancellationToken.None) == blob.Content.Length,
            $"{blob.Name} is not found or short. Seed {Seed}.");
        var content = await blob.ReadAsync(_rig.Bucket);
        Assert.True(blob.Content.AsSpan().SequenceEqual(content), $"{blob.Name} is read wrong. Seed {Seed}.");
        Assert.True(await blob.PutAsync(_rig.Bucket) is PutOutcome.Stored or PutOutcome.AlreadyPresent);
    }

    private async Task ListAsync(Random random)
    {
        var type = random.Next(2) == 0 ? BlobType.Locks : BlobType.Data;
        var listed = (await TestBlob.ListAsync(_rig.Bucket, type)).ToDictionary(entry => entry.Id, entry => entry.Length);
        foreach (var blob in _blobs.Where(blob => blob.Name.Type == type))
        {
            Assert.True(listed.TryGetValue(blob.Name.Id, out var length), $"{blob.Name} is not listed. Seed {Seed}.");
            Assert.True(length == blob.Content.Length, $"{blob.Name} is listed with {length} of {blob.Content.Length}. Seed {Seed}.");
        }
    }

    private async Task MoveAsync(Func<Random, TestBlob, int, int, Task> move, CancellationTokenSource end)
    {
        try
        {
            var random = new Random(Seed);
            for (var moved = 0; moved < Moves;)
            {
                var blob = _blobs[random.Next(_blobs.Length)];
                var from = Enumerable.Range(0, 3).First(volume => File.Exists(_rig.FileOn(volume, blob.Name)));
                var to = (from + 1 + random.Next(2)) % 3;
                if (!File.Exists(_rig.FileOn(to, blob.Name)))
                {
                    await move(random, blob, from, to);
                    moved++;
                }
            }
        }
        finally
        {
            await end.CancelAsync();
        }
    }

    private static void MoveByHand(string from, string to, byte[] content, bool isSameFileSystem)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        if (isSameFileSystem)
        {
            File.Move(from, to);
            return;
        }

        using (var target = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0))
        {
            foreach (var piece in content.Chunk((content.Length / 5) + 1))
            {
                target.Write(piece);
                Thread.Yield();
            }
        }

        File.Delete(from);
    }
}
