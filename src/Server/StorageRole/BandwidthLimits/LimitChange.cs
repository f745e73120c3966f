namespace Halley.Server.StorageRole.BandwidthLimits;

/// <summary>What became of a wish to add or change a limit.</summary>
/// <param name="Limit">The limit as it is now; null when the wish was refused.</param>
/// <param name="Code">Why it was refused, for programs.</param>
/// <param name="Reason">The same for people.</param>
internal sealed record LimitChange(BandwidthLimit? Limit, string? Code = null, string? Reason = null)
{
    public static LimitChange NotFound { get; } = new(null, "bandwidth_limit_not_found", "There is no bandwidth limit with this id.");

    public bool IsMissing => Code == NotFound.Code;

    public bool IsConflict => Code == BandwidthLimitList.TooMany;

    public static LimitChange Refused(string code, string reason) => new(null, code, reason);
}
