using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Halley.Protocol.Comet;
using Halley.Server.Administrators;
using Halley.Server.Administrators.SecondFactors;
using Halley.Server.CometApi.Transport;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls by which an administrator registers a passkey. Signing in with one is for the page.</summary>
internal sealed class WebAuthnCalls(Passkeys passkeys, AdministratorAccess access)
{
    public static void Map(CometMap<WebAuthnCalls> map)
    {
        map.Admin("account/webauthn/request-registration-challenge", "SelfAddress", (api, call) => api.AskAsync(call));
        map.Admin(
            "account/webauthn/submit-challenge-response", "SelfAddress, ChallengeID, Credential",
            (api, call) => api.RegisterAsync(call));
    }

    private async Task<CometReply<WebAuthnRegistrationChallengeResponse>> AskAsync(CometCall call)
    {
        var question = await passkeys.AskToRegisterAsync(call.Administrator, call.Context);
        return new WebAuthnRegistrationChallengeResponse
        {
            ChallengeID = question.State,
            CredentialCreationOptions = Read(question.Options),
        };
    }

    // A passkey is as good as the password from then on, so an open session is not enough to add one.
    private async Task<CometApiResponseMessage> RegisterAsync(CometCall call)
    {
        var check = await access.CheckPasswordAsync(call.Administrator.Username, call.PresentPassword, call.Client, call.Aborted);
        if (check.Administrator is null)
        {
            return check.Result == SignInResult.Busy
                ? CometErrors.Busy
                : new CometApiResponseMessage(403, "The present password is wrong, or not in the field Password.");
        }

        return await passkeys.RegisterAsync(
            call.Administrator, call.Form.Text("ChallengeID"), call.Form.Text("Credential"), name: "", call.Context)
            ? CometApiResponseMessage.Ok
            : CometErrors.BadRequest("The answer to the challenge is wrong, too late, or was used already.");
    }

    // The vendor writes bytes as ordinary base64; the browsers' standard uses the alphabet for addresses.
    private static WebAuthnPublicKeyCredentialCreationOptions Read(string options)
    {
        var document = JsonNode.Parse(options)!.AsObject();
        // Newer than the vendor's type, and some of its clients fail on fields they do not know.
        document.Remove("hints");
        document.Remove("attestationFormats");
        Rewrite(document, "challenge");
        Rewrite(document["user"]!.AsObject(), "id");
        foreach (var known in document["excludeCredentials"]?.AsArray() ?? [])
        {
            Rewrite(known!.AsObject(), "id");
        }

        return document.Deserialize<WebAuthnPublicKeyCredentialCreationOptions>(CometJson.Options)!;
    }

    private static void Rewrite(JsonObject document, string name) =>
        document[name] = Convert.ToBase64String(Base64Url.DecodeFromChars(document[name]!.GetValue<string>()));
}
