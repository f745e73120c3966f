using Halley.Storage.Disk;
using Halley.Storage.Tests.Faults;
using Halley.Testing;

namespace Halley.Storage.Tests;

/// <summary>
/// Somebody moves files between the volumes with <c>mv</c> while they are looked for, read, listed, uploaded and deleted.
/// </summary>
public sealed class MovingFilesTests : IDisposable
{
    private static readonly TestBlob Blob = TestBlob.Of(BlobType.Index, 10_000, seed: 1);
    private readonly VolumeRig _rig = new(2);

    public void Dispose() => _rig.Dispose();

    /// <summary>Where the mover stands when the volumes are being asked: what is on which volume, in the order of time.</summary>
    public static TheoryData<int, int> StepsAndCalls
    {
        get
        {
            var data = new TheoryData<int, int>();
            for (var step = 0; step <= 3; step++)
            {
                for (var call = 1; call <= 12; call++)
                {
                    data.Add(step, call);
                }
            }

            return data;
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task File_that_is_moved_between_the_looks_at_two_volumes_is_found_read_and_listed(int from, int to)
    {
        for (var call = 1; call <= 14; call++)
        {
            foreach (var look in new Func<Task<long?>>[] { FindAsync, OpenAndReadAsync, ListAsync })
            {
                Place(from);
                var calls = 0;
                _rig.Hooks.Before = _ => Do(++calls == call, () => Move(from, to));

                Assert.True(await look() == Blob.Content.Length, $"Moved before call {call}.");
            }
        }
    }

    [Theory]
    [MemberData(nameof(StepsAndCalls))]
    public async Task File_that_is_copied_piece_by_piece_is_never_seen_short_or_missing(int step, int call)
    {
        foreach (var look in new Func<Task<long?>>[] { FindAsync, OpenAndReadAsync, ListAsync })
        {
            foreach (var (from, to) in new[] { (0, 1), (1, 0) })
            {
                Place(from);
                var mover = Copy(from, to).GetEnumerator();
                for (var i = 0; i < step; i++)
                {
                    mover.MoveNext(); // so far it had come before the look
                }

                var calls = 0;
                _rig.Hooks.Before = _ => Do(++calls >= call, () => mover.MoveNext()); // and one step before each call from there on

                Assert.True(
                    await look() == Blob.Content.Length, $"From {from} to {to}, {step} steps before, then with each call from {call}.");
                mover.Dispose();
            }
        }
    }

    [Fact]
    public async Task File_that_is_moved_again_and_again_is_an_error_rather_than_absent()
    {
        Place(0);
        var (on, looks) = (0, 0);
        _rig.Hooks.Before = call => Do(call.Operation == nameof(DiskCalls.Length) && ++looks % 3 == 0, () =>
        {
            Move(on, 1 - on); // each time it was found, before it is looked at again
            on = 1 - on;
        });

        await Assert.ThrowsAsync<BlobStoreException>(FindAsync);
    }

    [Fact]
    public async Task File_that_is_moved_while_it_is_read_is_read_to_its_end()
    {
        Place(0);
        using var reader = await _rig.Bucket.OpenAsync(Blob.Name, CancellationToken.None);
        Move(0, 1);

        Assert.Equal(Blob.Content, await TestBlob.ReadAsync(reader!));
    }

    [Fact]
    public async Task File_with_a_whole_and_a_partial_copy_is_read_from_the_whole_one()
    {
        foreach (var (whole, part) in new[] { (0, 1), (1, 0) })
        {
            Place(whole);
            _rig.CopyIn(part, Blob.Name, Blob.Content.AsSpan(0, 4000));

            Assert.Equal(10_000, await FindAsync());
            Assert.Equal(10_000, await OpenAndReadAsync());
            Assert.Equal(10_000, await ListAsync());
            Assert.Equal(PutOutcome.AlreadyPresent, await Blob.PutAsync(_rig.Bucket));
            Assert.Equal(4000, new FileInfo(_rig.FileOn(part, Blob.Name)).Length); // the copy in the making is left to its maker
        }
    }

    [Fact]
    public async Task File_on_two_volumes_is_listed_once_and_deleted_on_both()
    {
        _rig.CopyIn(0, Blob.Name, Blob.Content);
        _rig.CopyIn(1, Blob.Name, Blob.Content);

        Assert.Single(await TestBlob.ListAsync(_rig.Bucket, BlobType.Index));
        Assert.Equal(10_000, await _rig.Bucket.DeleteAsync(Blob.Name, CancellationToken.None));

        Assert.Null(await FindAsync());
        Assert.Empty(await TestBlob.ListAsync(_rig.Bucket, BlobType.Index));
    }

    [Fact]
    public async Task File_that_is_moved_while_it_is_deleted_is_gone_afterwards()
    {
        foreach (var (from, to) in new[] { (0, 1), (1, 0) })
        {
            for (var call = 1; call <= 14; call++)
            {
                Place(from);
                var calls = 0;
                _rig.Hooks.Before = _ => Do(++calls == call && File.Exists(_rig.FileOn(from, Blob.Name)), () => Move(from, to));

                Assert.Equal(10_000, await _rig.Bucket.DeleteAsync(Blob.Name, CancellationToken.None));
                _rig.Hooks.Before = null;
                Assert.True(await FindAsync() is null || calls < call, $"Moved before call {call}.");
            }
        }
    }

    [Fact]
    public async Task Config_that_is_moved_while_another_one_is_uploaded_stays_the_only_one()
    {
        var config = TestBlob.Of(BlobType.Config, 155, seed: 2);
        var other = TestBlob.Of(BlobType.Config, 155, seed: 3);
        foreach (var (from, to) in new[] { (0, 1), (1, 0) })
        {
            for (var call = 1; call <= 30; call++)
            {
                _rig.Remove(to, BlobName.Config);
                _rig.CopyIn(from, BlobName.Config, config.Content);
                var calls = 0;
                _rig.Hooks.Before = _ =>
                    Do(++calls == call, () => MoveFile(_rig.FileOn(from, BlobName.Config), _rig.FileOn(to, BlobName.Config)));

                Assert.True(await other.PutAsync(_rig.Bucket) == PutOutcome.Conflict, $"Moved before call {call}.");
                calls = 0;
                _rig.Remove(to, BlobName.Config);
                _rig.CopyIn(from, BlobName.Config, config.Content);
                Assert.True(await config.PutAsync(_rig.Bucket) == PutOutcome.AlreadyPresent, $"Moved before call {call}.");
                _rig.Hooks.Before = null;
            }
        }
    }

    [Fact]
    public async Task Upload_while_its_name_is_moved_ends_with_one_whole_file()
    {
        foreach (var (from, to) in new[] { (0, 1), (1, 0) })
        {
            for (var call = 1; call <= 30; call++)
            {
                Place(from);
                var mover = Copy(from, to).GetEnumerator();
                var calls = 0;
                _rig.Hooks.Before = _ => Do(++calls >= call, () => mover.MoveNext());

                var outcome = await Blob.PutAsync(_rig.Bucket);
                while (mover.MoveNext())
                {
                }

                _rig.Hooks.Before = null;
                Assert.True(outcome is PutOutcome.Stored or PutOutcome.AlreadyPresent);
                Assert.True(await OpenAndReadAsync() == 10_000, $"From {from} to {to}, moved from call {call} on: {outcome}.");
                mover.Dispose();
            }
        }
    }

    private async Task<long?> FindAsync() => await _rig.Bucket.FindAsync(Blob.Name, CancellationToken.None);

    private async Task<long?> OpenAndReadAsync()
    {
        var content = await Blob.ReadAsync(_rig.Bucket);
        Assert.True(content is null || content.AsSpan().SequenceEqual(Blob.Content), "The content differs.");
        return content?.Length;
    }

    private async Task<long?> ListAsync() =>
        (await TestBlob.ListAsync(_rig.Bucket, BlobType.Index)).Where(entry => entry.Id == Blob.Name.Id)
            .Select(entry => (long?)entry.Length).SingleOrDefault();

    private void Place(int volume)
    {
        _rig.Hooks.Before = null;
        _rig.Remove(1 - volume, Blob.Name);
        _rig.CopyIn(volume, Blob.Name, Blob.Content);
        Directory.CreateDirectory(Path.GetDirectoryName(_rig.FileOn(1 - volume, Blob.Name))!);
    }

    private void Move(int from, int to) => MoveFile(_rig.FileOn(from, Blob.Name), _rig.FileOn(to, Blob.Name));

    private static void MoveFile(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Move(from, to);
    }

    /// <summary>What <c>mv</c> does between file systems, stopping after each step.</summary>
    private IEnumerable<int> Copy(int from, int to)
    {
        using (var target = new FileStream(
            _rig.FileOn(to, Blob.Name), FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0))
        {
            yield return 1;
            target.Write(Blob.Content, 0, 4000);
            yield return 2;
            target.Write(Blob.Content, 4000, 6000);
        }

        yield return 3;
        _rig.Remove(from, Blob.Name);
        yield return 4;
    }

    private static void Do(bool when, Action what)
    {
        if (when)
        {
            what();
        }
    }
}
