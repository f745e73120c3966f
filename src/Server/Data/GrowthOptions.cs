using System.ComponentModel.DataAnnotations;

namespace Halley.Server.Data;

/// <summary>How much clients may make the database grow (<c>Halley:Growth</c>).</summary>
internal sealed class GrowthOptions
{
    private const long Largest = 1L << 50;
    private const string Must = "must be a number of bytes from 1 MiB to 1 PiB";

    /// <summary>Bytes in a day by one account, one administrator of an organization, or one address without a sign-in.</summary>
    [Range(1 << 20, Largest, ErrorMessage = Must)]
    public long CallerBytes { get; set; } = 256 << 20;

    /// <summary>Bytes in a day by all callers of one organization.</summary>
    [Range(1 << 20, Largest, ErrorMessage = Must)]
    public long OrganizationBytes { get; set; } = 4L << 30;

    /// <summary>Bytes on the disk of SQLite that clients cannot take, at most a tenth of the disk; 0 for none.</summary>
    [Range(0, Largest, ErrorMessage = "must be a number of bytes from 0 to 1 PiB")]
    public long ReserveBytes { get; set; } = 256 << 20;

    /// <summary>Bytes that the database may have before clients cannot make it grow; 0 for any number.</summary>
    [Range(0, Largest, ErrorMessage = "must be a number of bytes from 0 to 1 PiB")]
    public long LargestDatabaseBytes { get; set; }
}
