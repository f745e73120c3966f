using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.Hosting;

namespace Halley.Server.AuthRole.VaultRequests;

/// <summary>
/// Buckets on another server that speaks the vendor's API. The id is generated here, so that a bucket can be deleted even when the
/// response to its creation was lost.
/// </summary>
internal sealed partial class OtherServer(OutgoingHttp outgoing, ILogger<OtherServer> logger) : VaultProvider
{
    /// <summary>Longest part of another server's response that is passed on to the caller.</summary>
    private const int LongestQuote = 200;

    public override bool Serves(RemoteStorageOption template) =>
        template is { Type: VaultTemplates.Comet, RemoteAddress: not VaultTemplates.Self };

    public override async Task<Outcome<VaultPlace>> MakeAsync(
        RemoteStorageOption template, RequestedVault request, CancellationToken cancellationToken)
    {
        if (SelfAddress.Normalize(template.RemoteAddress) is not { } server)
        {
            return Failed("The template has no address of a server.");
        }

        var (bucket, key) =
            (RandomNumberGenerator.GetHexString(32, lowercase: true), RandomNumberGenerator.GetHexString(32, lowercase: true));
        var http = outgoing.Of(request.OrganizationId);
        var answer = await CallAsync(
            http,
            template,
            server,
            "storage/register-bucket",
            request.KeyHash is { } hash
                ? [new("SetBucketValue", bucket), new("SetKeyHashFormat", "1"), new("SetKeyHashValue", hash)]
                : [new("SetBucketValue", bucket), new("SetKeyHashFormat", "0"), new("SetKeyHashValue", key)],
            cancellationToken);
        if (answer.Refusal is { } refusal)
        {
            if (answer.IsUncertain)
            {
                await WithdrawAsync(http, template, server, bucket);
            }

            return Failed(refusal);
        }

        var location = new DestinationLocation
        {
            DestinationType = DestinationTypes.Server,
            CometServer = server.AbsoluteUri,
            CometBucket = bucket,
            CometBucketKey = request.KeyHash is null ? key : "",
        };
        return new VaultPlace(location, _ => WithdrawAsync(http, template, server, bucket));
    }

    public override async Task<string?> TestAsync(RemoteStorageOption template, string organizationId, CancellationToken cancellationToken)
    {
        if (SelfAddress.Normalize(template.RemoteAddress) is not { } server)
        {
            return "The template has no address of a server.";
        }

        var answer = await CallAsync(outgoing.Of(organizationId), template, server, "meta/version", [], cancellationToken);
        return answer.Refusal
            ?? (answer.Body.TryGetProperty("StorageRole", out var role) && role.ValueKind == JsonValueKind.False
                ? "The other server answers, but its Storage Role is switched off."
                : null);
    }

    // Not cancelled with the request: the caller may be gone, and the bucket must still be deleted.
    private async Task WithdrawAsync(HttpClient http, RemoteStorageOption template, Uri server, string bucket)
    {
        var answer = await CallAsync(http, template, server, "storage/delete-bucket", [new("BucketID", bucket)], CancellationToken.None);
        if (answer.Refusal is { } refusal)
        {
            LogNotWithdrawn(bucket, server.Host, refusal);
        }
    }

    private static async Task<Answer> CallAsync(
        HttpClient http, RemoteStorageOption template, Uri server, string call, KeyValuePair<string, string>[] fields,
        CancellationToken cancellationToken)
    {
        KeyValuePair<string, string>[] credentials =
            [new("Username", template.Username), new("AuthType", "Password"), new("Password", template.Password)];
        try
        {
            using var form = new FormUrlEncodedContent([.. credentials, .. fields]);
            using var response = await http.PostAsync(new Uri(server, $"api/v1/admin/{call}"), form, cancellationToken);
            var body = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
            return body.ValueKind != JsonValueKind.Object ? NoAnswer(server)
                : !body.TryGetProperty("Status", out var status) || !body.TryGetProperty("Message", out var message)
                    ? new Answer(body, null)
                : status.ValueKind == JsonValueKind.Number && status.GetDouble() is >= 200 and < 300 ? new Answer(body, null)
                : new Answer(default, $"{server.Host} refused: {Shorten(message.ToString())}");
        }
        catch (HttpRequestException failure)
        {
            return new Answer(default, $"{server.Host} could not be reached: {failure.Message}", IsUncertain: true);
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Answer(default, $"{server.Host} did not answer in time.", IsUncertain: true);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or NotSupportedException)
        {
            return NoAnswer(server);
        }
    }

    private static Answer NoAnswer(Uri server) =>
        new(default, $"{server.Host} answered, but not like a server of this kind; check the address of the template.", IsUncertain: true);

    private static string Shorten(string text) => text.Length > LongestQuote ? text[..LongestQuote] + "…" : text;

    private sealed record Answer(JsonElement Body, string? Refusal, bool IsUncertain = false);

    [LoggerMessage(
        LogEvents.BucketNotWithdrawn, LogLevel.Warning, "Bucket {Bucket} on {Server} is unused and could not be deleted there: {Reason}")]
    private partial void LogNotWithdrawn(string bucket, string server, string reason);
}
