using Halley.Protocol.Settings;
using Halley.Server.Settings;

namespace Halley.Server.Events.Webhooks;

/// <summary>Rejects webhooks that could not deliver, on every surface that sets them.</summary>
internal sealed class WebhookRule : SettingsRule
{
    private const int MostHeaders = 50;
    private const int MostWebhooks = 100;

    public override string? Check(ServerConfigOptions options) =>
        options.WebhookOptions.Count > MostWebhooks
            ? $"There can be at most {MostWebhooks} webhooks."
            : options.WebhookOptions.Select(entry => ProblemWith(entry.Key, entry.Value)).FirstOrDefault(reason => reason is not null);

    public override IEnumerable<string> Reduce(ServerConfigOptions options)
    {
        foreach (var (name, option) in options.WebhookOptions.ToList())
        {
            if (ProblemWith(name, option) is { } reason)
            {
                options.WebhookOptions.Remove(name);
                yield return reason;
            }
        }
    }

    private static string? ProblemWith(string name, WebhookOption option) =>
        ProblemWith(option) is { } reason ? $"Webhook {name}: {reason}" : null;

    private static string? ProblemWith(WebhookOption option) => option switch
    {
        _ when !Uri.TryCreate(option.URL, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") =>
            "URL must be an address that begins with http:// or https://.",
        { Level: not ("" or "full" or "none") } => "Level must be full or none.",
        { CustomHeaders.Count: > MostHeaders } => $"There can be at most {MostHeaders} headers.",
        _ when option.CustomHeaders.Any(header => !IsHeader(header.Key, header.Value)) =>
            "CustomHeaders must hold names and values of HTTP headers.",
        _ => null,
    };

    private static bool IsHeader(string name, string? value) =>
        name.Length is > 0 and <= 200 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')
        && value is not null && value.All(letter => letter is >= ' ' and <= '~');
}
