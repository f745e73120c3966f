using Halley.Storage.Moving;
using Halley.Storage.Spanning;

namespace Halley.Storage.Tests.Moving;

internal static class MovingOne
{
    /// <summary>Moves one file; what a disk said against it is thrown.</summary>
    public static async Task<MoveOutcome> MoveAsync(this BlobMover mover, VolumeFile file, Volume from, Volume to)
    {
        var result = Assert.Single(await mover.MoveAsync([file], from, to, CancellationToken.None));
        return result.Problem is null ? result.Outcome : throw result.Problem;
    }
}
