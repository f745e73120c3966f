using System.Text.Json;
using System.Text.Json.Serialization;

namespace Halley.Protocol.Comet;

/// <summary>A security key of the older kind.</summary>
public class AdminU2FRegistration : CometDocument
{
    public string Description { get; set; } = "";

    /// <summary>Unix seconds; 0 is never.</summary>
    public long RegisterTime { get; set; }

    public byte[] Registration { get; set; } = [];
}

/// <summary>A security key or passkey.</summary>
public class AdminWebAuthnRegistration : CometDocument
{
    public string Description { get; set; } = "";

    /// <summary>Unix seconds; 0 is never.</summary>
    public long RegisterTime { get; set; }

    public long Type { get; set; }

    [OmitEmpty]
    public bool IsLegacyU2F { get; set; }

    [OmitEmpty]
    public byte[] ID { get; set; } = [];

    [OmitEmpty]
    public WebAuthnCredential? Credential { get; set; }
}

/// <summary>A challenge that a new security key answers.</summary>
public class WebAuthnRegistrationChallengeResponse : CometAnswer
{
    public string ChallengeID { get; set; } = "";
    public WebAuthnPublicKeyCredentialCreationOptions CredentialCreationOptions { get; set; } = new();
}

/// <summary>What is kept of a security key.</summary>
public class WebAuthnCredential : CometDocument
{
    public byte[] PublicKey { get; set; } = [];
    public string AttestationType { get; set; } = "";
    public byte[] AAGUID { get; set; } = [];
    public uint SignCount { get; set; }
    public bool CloneWarning { get; set; }
}

/// <summary>What a browser needs to make a credential; field names as the standard has them.</summary>
public class WebAuthnPublicKeyCredentialCreationOptions : CometDocument
{
    [JsonPropertyName("challenge")]
    public byte[] Challenge { get; set; } = [];

    [JsonPropertyName("rp")]
    public WebAuthnRelyingPartyEntity Rp { get; set; } = new();

    [JsonPropertyName("user")]
    public WebAuthnUserEntity User { get; set; } = new();

    [OmitEmpty, JsonPropertyName("pubKeyCredParams")]
    public List<WebAuthnCredentialParameter> PubKeyCredParams { get; set; } = [];

    [OmitEmpty, JsonPropertyName("authenticatorSelection")]
    public WebAuthnAuthenticatorSelection? AuthenticatorSelection { get; set; }

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
public class WebAuthnRelyingPartyEntity : CometDocument
{
    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    [OmitEmpty, JsonPropertyName("icon")]
    public string Icon { get; set; } = "";

    [JsonPropertyName("id")]
    public string Id { get; set; } = "";
}

/// <summary>The person a credential belongs to.</summary>
public class WebAuthnUserEntity : CometDocument
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
public class WebAuthnCredentialParameter : CometDocument
{
    [JsonPropertyName("type")]
    public string Type { get; set; } = "";

    [JsonPropertyName("alg")]
    public long Alg { get; set; }
}

/// <summary>A credential that exists already.</summary>
public class WebAuthnCredentialDescriptor : CometDocument
{
    [JsonPropertyName("type")]
    public string Type { get; set; } = "";

    [JsonPropertyName("id")]
    public byte[] Id { get; set; } = [];

    [OmitEmpty, JsonPropertyName("transports")]
    public List<string> Transports { get; set; } = [];
}

/// <summary>Which authenticators are wanted.</summary>
public class WebAuthnAuthenticatorSelection : CometDocument
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
