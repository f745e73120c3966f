using System.Globalization;

namespace Halley.Server.StorageRole.Vault;

/// <summary>
/// The part of a file that a Range header requests (RFC 9110, 14.1.2): one range of bytes. Any other header is ignored. An empty file is
/// returned whole, because every range of it would be unsatisfiable; the base library would reject the request.
/// </summary>
internal readonly record struct ByteRange(long Start, long Length, bool IsPartial, bool IsUnsatisfiable)
{
    private const string Unit = "bytes=";

    public static ByteRange Of(string header, long fileLength)
    {
        var whole = new ByteRange(0, fileLength, IsPartial: false, IsUnsatisfiable: false);
        if (fileLength == 0 || !header.StartsWith(Unit, StringComparison.Ordinal))
        {
            return whole;
        }

        var spec = header.AsSpan(Unit.Length);
        var dash = spec.IndexOf('-');
        if (dash < 0)
        {
            return whole;
        }

        var hasFirst = TryRead(spec[..dash], out var first);
        var hasLast = TryRead(spec[(dash + 1)..], out var last);
        return (hasFirst, hasLast) switch
        {
            (true, true) when last >= first => Between(first, last, fileLength),
            (true, false) when dash == spec.Length - 1 => Between(first, fileLength - 1, fileLength),
            (false, true) when dash == 0 && last > 0 => Between(Math.Max(0, fileLength - last), fileLength - 1, fileLength),
            (false, true) when dash == 0 => new ByteRange(0, 0, IsPartial: false, IsUnsatisfiable: true),
            _ => whole,
        };
    }

    private static ByteRange Between(long first, long last, long fileLength) => first >= fileLength
        ? new ByteRange(0, 0, IsPartial: false, IsUnsatisfiable: true)
        : new ByteRange(first, Math.Min(last, fileLength - 1) - first + 1, IsPartial: true, IsUnsatisfiable: false);

    private static bool TryRead(ReadOnlySpan<char> digits, out long value) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
