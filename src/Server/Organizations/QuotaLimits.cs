namespace Halley.Server.Organizations;

/// <summary>The limits for the size of something.</summary>
/// <param name="SoftBytes">Size from which administrators are warned; null for no limit.</param>
/// <param name="HardBytes">Size from which uploads are refused; null for no limit.</param>
internal sealed record QuotaLimits(long? SoftBytes, long? HardBytes)
{
    public const string Rule = "A quota is a number of bytes, 1 or more, or 0 for none, and the soft one is not above the hard one.";

    public static QuotaLimits None { get; } = new(null, null);

    /// <summary>The limits after a change, in which null keeps a limit and 0 removes it. Returns null if the result is invalid.</summary>
    public QuotaLimits? Change(long? soft, long? hard)
    {
        var changed =
            new QuotaLimits(soft is null ? SoftBytes : soft == 0 ? null : soft, hard is null ? HardBytes : hard == 0 ? null : hard);
        return soft < 0 || hard < 0 || changed.SoftBytes > changed.HardBytes ? null : changed;
    }
}
