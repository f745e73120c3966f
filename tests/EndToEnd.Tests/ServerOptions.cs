namespace Halley.EndToEnd.Tests;

/// <summary>Options of the server that these tests set.</summary>
internal static class ServerOptions
{
    /// <summary>Bytes that are left free on every volume.</summary>
    public const string VolumeReserve = "Halley:Storage:ReserveBytes";

    /// <summary>No scrub of its own, which a test that orders one would find running: one volume has one scrub at a time.</summary>
    public static readonly Dictionary<string, string> NoOwnScrubs = new() { ["Halley:Storage:ScrubDays"] = "0" };
}
