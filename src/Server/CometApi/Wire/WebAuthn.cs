using System.Text.Json;
using System.Text.Json.Serialization;
using Halley.Protocol.Comet;

namespace Halley.Server.CometApi.Wire;

/// <summary>A challenge for a new security key.</summary>
internal sealed class WebAuthnRegistrationChallengeResponse : CometAnswer
{
    public string ChallengeID { get; set; } = "";
    public WebAuthnPublicKeyCredentialCreationOptions CredentialCreationOptions { get; set; } = new();
}

/// <summary>The options with which a browser creates a credential; field names follow the standard.</summary>
internal sealed class WebAuthnPublicKeyCredentialCreationOptions : CometDocument
{
    [JsonPropertyName("challenge")]
    public byte[] Challenge { get; set; } = [];

    [JsonPropertyName("rp")]
    public WebAuthnRelyingPartyEntity Rp { get; set; } = new();

    [JsonPropertyName("user")]
    public WebAuthnUserEntity User { get; set; } = new();

    [OmitEmpty, JsonPropertyName("pubKeyCredParams")]
    public List<WebAuthnCredentialParameter> PubKeyCredParams { get; set; } = [];

    [JsonPropertyName("authenticatorSelection")]
    public WebAuthnAuthenticatorSelection AuthenticatorSelection { get; set; } = new();

    [OmitEmpty, JsonPropertyName("timeout")]
    public long Timeout { get; set; }

    [OmitEmpty, JsonPropertyName("excludeCredentials")]
    public List<WebAuthnCredentialDescriptor> ExcludeCredentials { get; set; } = [];

    [OmitEmpty, JsonPropertyName("extensions")]
    public Dictionary<string, JsonElement> Extensions { get; set; } = [];

    [OmitEmpty, JsonPropertyName("attestation")]
    public string Attestation { get; set; } = "";
}

/// <summary>The site a credential belongs to.</summary>
internal sealed class WebAuthnRelyingPartyEntity : CometDocument
{
    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    [OmitEmpty, JsonPropertyName("icon")]
    public string Icon { get; set; } = "";

    [JsonPropertyName("id")]
    public string Id { get; set; } = "";
}

/// <summary>The person a credential belongs to.</summary>
internal sealed class WebAuthnUserEntity : CometDocument
{
    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    [OmitEmpty, JsonPropertyName("icon")]
    public string Icon { get; set; } = "";

    [OmitEmpty, JsonPropertyName("displayName")]
    public string DisplayName { get; set; } = "";

    [JsonPropertyName("id")]
    public byte[] Id { get; set; } = [];
}

/// <summary>A kind of key that is accepted.</summary>
internal sealed class WebAuthnCredentialParameter : CometDocument
{
    [JsonPropertyName("type")]
    public string Type { get; set; } = "";

    [JsonPropertyName("alg")]
    public long Alg { get; set; }
}

/// <summary>A credential that exists already.</summary>
internal sealed class WebAuthnCredentialDescriptor : CometDocument
{
    [JsonPropertyName("type")]
    public string Type { get; set; } = "";

    [JsonPropertyName("id")]
    public byte[] Id { get; set; } = [];

    [OmitEmpty, JsonPropertyName("transports")]
    public List<string> Transports { get; set; } = [];
}

/// <summary>Which authenticators are wanted.</summary>
internal sealed class WebAuthnAuthenticatorSelection : CometDocument
{
    [OmitEmpty, JsonPropertyName("authenticatorAttachment")]
    public string AuthenticatorAttachment { get; set; } = "";

    [OmitEmpty, JsonPropertyName("requireResidentKey")]
    public bool RequireResidentKey { get; set; }

    [OmitEmpty, JsonPropertyName("residentKey")]
    public string ResidentKey { get; set; } = "";

    [OmitEmpty, JsonPropertyName("userVerification")]
    public string UserVerification { get; set; } = "";
}
