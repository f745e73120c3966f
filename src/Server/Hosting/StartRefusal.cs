using System.Data.Common;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Halley.Server.Hosting;

/// <summary>
/// The boundary of a start: whatever an operator can get wrong becomes one line that names what is wrong and what to do, and an exit code.
/// </summary>
internal static class StartRefusal
{
    private const string OtherAddress = "Choose another address with --urls.";

    /// <summary>Runs the program, and shows its refusal to start.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception problem) when (Of(problem) is { } refusal)
        {
            return Show(refusal);
        }
    }

    public static int Show(StartRefusedException refusal)
    {
        Console.Error.WriteLine($"Halley does not start: {refusal.Message}");
        return refusal.ExitCode;
    }

    /// <summary>The refusal that an exception means; null for a fault of the program.</summary>
    public static StartRefusedException? Of(Exception problem)
    {
        for (var cause = problem; cause is not null; cause = cause.InnerException)
        {
            if (Explain(cause) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private static StartRefusedException? Explain(Exception cause) => cause switch
    {
        StartRefusedException refusal => refusal,
        // Its message names the address.
        IOException { InnerException: AddressInUseException } => new(ExitCodes.AddressUnusable, $"{cause.Message} {OtherAddress}", cause),
        SocketException { SocketErrorCode: SocketError.AccessDenied } => new(
            ExitCodes.AddressUnusable,
            $"The server's user may not listen on this address. {OtherAddress} Ports below 1024 need the capability CAP_NET_BIND_SERVICE.",
            cause),
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => new(
            ExitCodes.AddressUnusable, $"This machine does not have the address to listen on. {OtherAddress}", cause),
        DbException => new(ExitCodes.DatabaseRefused, $"The database cannot be used: {cause.Message}", cause),
        UnauthorizedAccessException => new(
            ExitCodes.WrongSettings, $"{cause.Message} Give the server's user ({Environment.UserName}) the right, or change the setting.",
            cause),
        InvalidDataException => new(ExitCodes.WrongSettings, AllOf(cause), cause),
        IOException => new(ExitCodes.WrongSettings, cause.Message, cause),
        _ => null,
    };

    // Where the mistake in a file is, the innermost exception knows.
    private static string AllOf(Exception problem) =>
        problem.InnerException is { } inner ? $"{problem.Message} {AllOf(inner)}" : problem.Message;
}
