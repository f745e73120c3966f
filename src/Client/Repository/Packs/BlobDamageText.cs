namespace Halley.Client.Repository.Packs;

/// <summary>Kinds of damage in words.</summary>
internal static class BlobDamageText
{
    public static string Of(BlobDamage damage) => damage switch
    {
        BlobDamage.NotAuthentic => "its bytes were changed, or were never sealed with this vault's key",
        BlobDamage.NotCompressed => "it cannot be decompressed to the length that its index states",
        BlobDamage.OtherContent => "its content is not what its id says",
        BlobDamage.Truncated => "the pack ends before it does",
        _ => "nothing",
    };
}
