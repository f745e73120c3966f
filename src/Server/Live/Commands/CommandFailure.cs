using Halley.Protocol.Live;

namespace Halley.Server.Live.Commands;

/// <summary>A failure as a device tells it. What comes from a device is shown to people, so it is cut to what it may be.</summary>
internal static class CommandFailure
{
    public const int LongestCode = 64;
    public const int LongestMessage = 500;
    private const string Unnamed = "device_failed";

    public static CommandOutcome Of(CommandReport report)
    {
        var code = report.Code.Length is > 0 and <= LongestCode && report.Code.All(letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_')
            ? report.Code
            : Unnamed;
        var message = new string([.. report.Message.Where(letter => !char.IsControl(letter)).Take(LongestMessage)]);
        return new CommandOutcome(code, message.Length > 0 ? message : "The device could not do it and did not say why.");
    }
}
