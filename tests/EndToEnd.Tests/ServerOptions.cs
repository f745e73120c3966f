namespace Halley.EndToEnd.Tests;

/// <summary>Names of the server's options that these tests set.</summary>
internal static class ServerOptions
{
    /// <summary>Bytes that are left free on every volume.</summary>
    public const string VolumeReserve = "Halley:Storage:ReserveBytes";
}
