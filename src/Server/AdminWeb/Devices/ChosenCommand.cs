namespace Halley.Server.AdminWeb.Devices;

/// <summary>What somebody has chosen on the page of a device.</summary>
/// <param name="Kind">One of the kinds of commands.</param>
/// <param name="Arguments">The record that belongs to the kind.</param>
/// <param name="Ttl">How long the device may take to begin.</param>
/// <param name="Question">To be asked before; null when it does no harm.</param>
public sealed record ChosenCommand(string Kind, object Arguments, TimeSpan Ttl, string? Question = null);
