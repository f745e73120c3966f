using Halley.Server.Tasks;
using Halley.Storage.Moving;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;

namespace Halley.Server.StorageRole.Moves;

/// <summary>Takes what was deleted and is held along when a volume is emptied: each file goes to the trash of another volume, where it becomes due as before.</summary>
internal sealed class HeldMoves(BlobMover mover, MoveTargets targets, TaskRun run)
{
    /// <summary>Moves what it finds and tells how many files could not be moved.</summary>
    /// <exception cref="TaskFailedException">No target has room.</exception>
    public async Task<int> RunAsync(Volume source, CancellationToken cancellationToken)
    {
        var stayed = 0;
        foreach (var file in source.HeldFiles())
        {
            switch (await MoveAsync(file, source, cancellationToken))
            {
                case MoveOutcome.Moved or MoveOutcome.WasThere:
                    run.Done(1, file.Length);
                    break;
                case MoveOutcome.Gone:
                    break;
                default:
                    stayed++;
                    break;
            }
        }

        return stayed;
    }

    private async Task<MoveOutcome> MoveAsync(HeldPath file, Volume source, CancellationToken cancellationToken)
    {
        foreach (var target in targets.InOrderFor(file.Length))
        {
            var outcome = await mover.MoveHeldAsync(file, source, target, cancellationToken);
            if (outcome != MoveOutcome.NoRoom)
            {
                return outcome;
            }
        }

        throw new TaskFailedException(
            $"No other volume has room for a deleted file of {file.Length} bytes that is held. Add a volume or make one writable; then resume.");
    }
}
