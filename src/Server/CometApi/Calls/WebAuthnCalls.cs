using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Halley.Protocol.Comet;
using Halley.Server.Administrators;
using Halley.Server.Administrators.SecondFactors;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls by which an administrator registers a passkey. Signing in with one is for the page.</summary>
internal sealed class WebAuthnCalls(Passkeys passkeys, OwnAccountActions account)
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

    private async Task<CometApiResponseMessage> RegisterAsync(CometCall call)
    {
        var answer = new PasskeyAnswer(call.Form.Text("ChallengeID"), call.Form.Text("Credential"));
        return CometErrors.OkOr(await account.AddPasskeyAsync(call.Caller, call.PresentPassword, answer, name: "", call.Context));
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
