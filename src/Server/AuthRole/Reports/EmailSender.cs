using Halley.Protocol.Settings;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Halley.Server.AuthRole.Reports;

/// <summary>Hands an e-mail to the mail server of the settings.</summary>
internal static class EmailSender
{
    public const string Disabled = "disabled";
    private const string Smtp = "smtp";
    private const string SmtpTls = "smtp-ssl";
    private const int Patience = 30_000;

    /// <summary>Returns why these settings cannot send e-mail, or null when they can.</summary>
    public static string? ProblemWith(EmailOptions options) => options switch
    {
        { Mode: Disabled } => "E-mail is switched off in the settings.",
        { Mode: not (Smtp or SmtpTls) } => "No mail server is configured: choose the mode smtp or smtp-ssl and give its host.",
        { SMTPHost: "" } => "SMTPHost must be the name of a mail server.",
        { SMTPPort: < 0 or > 65535 } => "SMTPPort must be from 1 to 65535, or 0 for the usual one.",
        _ when Read(options.FromEmail) is null => "FromEmail must be an e-mail address, for example halley@example.org.",
        _ when options.FromName.Any(char.IsControl) => "FromName must not have control characters.",
        _ when options.SMTPCustomEhlo.Any(letter => char.IsControl(letter) || char.IsWhiteSpace(letter)) =>
            "SMTPCustomEhlo must be a host name.",
        _ => null,
    };

    public static bool IsAddress(string text) => Read(text) is not null;

    // People also write "Halley <halley@example.org>"; the name counts where there is no other.
    private static MailboxAddress? Read(string text) =>
        text.Length <= QueuedEmail.LongestAddress && !text.Any(char.IsControl) && MailboxAddress.TryParse(text, out var address)
        && address.Address.Contains('@', StringComparison.Ordinal)
            ? address
            : null;

    /// <summary>Sends to one recipient. Returns why that failed, or null.</summary>
    public static async Task<string?> SendAsync(EmailOptions options, string recipient, Report report, CancellationToken cancellationToken)
    {
        if (ProblemWith(options) is { } problem)
        {
            return problem;
        }

        if (Read(options.FromEmail) is not { } sender || Read(recipient) is not { } receiver)
        {
            return "The recipient must be an e-mail address.";
        }

        using var message = new MimeMessage
        {
            Subject = report.Subject,
            Body = new BodyBuilder { HtmlBody = report.Html, TextBody = report.Text }.ToMessageBody(),
        };
        message.From.Add(new MailboxAddress(options.FromName.Length > 0 ? options.FromName : sender.Name, sender.Address));
        message.To.Add(receiver);
        try
        {
            await SendAsync(options, message, cancellationToken);
            return null;
        }
        catch (Exception failure) when (
            failure is IOException or System.Net.Sockets.SocketException or AuthenticationException or SslHandshakeException
            or ProtocolException or CommandException or NotSupportedException or TimeoutException)
        {
            return $"The mail server did not accept the message: {failure.Message}";
        }
    }

    private static async Task SendAsync(EmailOptions options, MimeMessage message, CancellationToken cancellationToken)
    {
        using var client = new SmtpClient { Timeout = Patience };
        if (options.SMTPCustomEhlo.Length > 0)
        {
            client.LocalDomain = options.SMTPCustomEhlo;
        }

        if (options.SMTPAllowInvalidCertificate)
        {
            client.CheckCertificateRevocation = false;
#pragma warning disable CA5359 // requested explicitly in the settings
            client.ServerCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        var security = options.Mode == SmtpTls ? SecureSocketOptions.SslOnConnect
            : options.SMTPAllowUnencrypted ? SecureSocketOptions.StartTlsWhenAvailable
            : SecureSocketOptions.StartTls;
        await client.ConnectAsync(options.SMTPHost, (int)options.SMTPPort, security, cancellationToken);
        if (options.SMTPUsername.Length > 0)
        {
            await client.AuthenticateAsync(options.SMTPUsername, options.SMTPPassword, cancellationToken);
        }

        await client.SendAsync(message, cancellationToken);
        await client.DisconnectAsync(quit: true, cancellationToken);
    }
}
