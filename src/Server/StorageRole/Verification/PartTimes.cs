using System.Buffers.Binary;
using Halley.Storage.Scrubbing;

namespace Halley.Server.StorageRole.Verification;

/// <summary>When each part of a bucket on a volume was last verified: seconds since 1970 in four bytes each, 0 for never.</summary>
internal sealed class PartTimes
{
    private readonly byte[] _seconds = new byte[ScrubPart.All.Count * sizeof(uint)];

    public PartTimes(byte[]? stored) => stored?.AsSpan(0, Math.Min(stored.Length, _seconds.Length)).CopyTo(_seconds);

    public DateTime? this[ScrubPart part]
    {
        get => At(part.Index) is > 0 and var seconds ? DateTime.UnixEpoch.AddSeconds(seconds) : null;
        set => BinaryPrimitives.WriteUInt32LittleEndian(
            _seconds.AsSpan(part.Index * sizeof(uint)), value is { } time ? (uint)(time - DateTime.UnixEpoch).TotalSeconds : 0);
    }

    /// <summary>When the part was verified that has waited longest; null if a part was never verified.</summary>
    public DateTime? Oldest =>
        Enumerable.Range(0, ScrubPart.All.Count).Min(At) is > 0 and var seconds ? DateTime.UnixEpoch.AddSeconds(seconds) : null;

    public byte[] ToBytes() => [.. _seconds];

    private uint At(int index) => BinaryPrimitives.ReadUInt32LittleEndian(_seconds.AsSpan(index * sizeof(uint)));
}
