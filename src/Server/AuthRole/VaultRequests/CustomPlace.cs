using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.Hosting;

namespace Halley.Server.AuthRole.VaultRequests;

/// <summary>
/// A web address that makes the storage itself: it gets the request of the template and returns 2xx with a DestinationLocation as JSON.
/// </summary>
internal sealed class CustomPlace(OutgoingHttp outgoing) : VaultProvider
{
    public override bool Serves(RemoteStorageOption template) => template.Type == VaultTemplates.Custom;

    public override async Task<Outcome<VaultPlace>> MakeAsync(
        RemoteStorageOption template, RequestedVault request, CancellationToken cancellationToken)
    {
        var custom = template.Custom;
        if (!Uri.TryCreate(custom.URL, UriKind.Absolute, out var address))
        {
            return Failed("The template has no address.");
        }

        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, address) { Content = Body(custom) };
            foreach (var (name, value) in custom.CustomHeaders)
            {
                message.Headers.TryAddWithoutValidation(name, value);
            }

            using var response = await outgoing.Of(request.OrganizationId).SendAsync(message, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                return Failed($"{address.Host} refused with status {(int)response.StatusCode}.");
            }

            var location =
                JsonSerializer.Deserialize<DestinationLocation>(
                    await response.Content.ReadAsStringAsync(cancellationToken), CometJson.Options);
            return location is { DestinationType: (>= DestinationTypes.First and < DestinationTypes.End) or DestinationTypes.RestServer }
                ? new VaultPlace(location)
                : Failed($"{address.Host} returned no DestinationLocation with a known DestinationType.");
        }
        catch (JsonException)
        {
            return Failed($"{address.Host} did not return a DestinationLocation as JSON.");
        }
        catch (Exception failure) when (failure is HttpRequestException or NotSupportedException or InvalidOperationException)
        {
            return Failed($"{address.Host} could not be reached: {failure.Message}");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed($"{address.Host} did not answer in time.");
        }
    }

    /// <summary>Checks only that the address responds: a POST would create storage.</summary>
    public override async Task<string?> TestAsync(RemoteStorageOption template, string organizationId, CancellationToken cancellationToken)
    {
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Head, template.Custom?.URL ?? "");
            using var response = await outgoing.Of(organizationId).SendAsync(message, cancellationToken);
            return null;
        }
        catch (Exception failure) when (failure is HttpRequestException or NotSupportedException or InvalidOperationException)
        {
            return $"The address could not be reached: {failure.Message}";
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "The address did not answer in time.";
        }
    }

    private static HttpContent? Body(CustomRemoteBucketSettings custom) => custom.CustomBodyType switch
    {
        "json" => new StringContent(custom.CustomBody, Encoding.UTF8, MediaTypeNames.Application.Json),
        "urlencoded" => new StringContent(custom.CustomBody, Encoding.UTF8, MediaTypeNames.Application.FormUrlEncoded),
        "form" => Multipart(custom.CustomBody),
        _ => null,
    };

    // The fields of a form are written as a JSON object of texts.
    private static MultipartFormDataContent Multipart(string body)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, string>>(body) ?? [])
        {
            form.Add(new StringContent(value ?? ""), name);
        }

        return form;
    }
}
