using Halley.Protocol.Settings;

namespace Halley.Server.Events.Webhooks;

/// <summary>The rules for a webhook in the settings.</summary>
internal static class WebhookRules
{
    private const int MostHeaders = 50;
    private const int MostWebhooks = 100;

    public static string? Refuse(IReadOnlyDictionary<string, WebhookOption> options) =>
        options.Count > MostWebhooks
            ? $"There can be at most {MostWebhooks} webhooks."
            : options.Select(entry => entry.Value is null ? $"Webhook {entry.Key} is null." : Refuse(entry.Value))
                .FirstOrDefault(reason => reason is not null);

    public static string? Refuse(WebhookOption option) => option switch
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
