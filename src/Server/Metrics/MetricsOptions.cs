using System.ComponentModel.DataAnnotations;
using Halley.Server.Hosting;

namespace Halley.Server.Metrics;

/// <summary>Numbers for monitoring (<c>Halley:Metrics</c>).</summary>
internal sealed class MetricsOptions : IValidatableObject
{
    private const int ShortestToken = 16;
    private const string HttpPath = "/v1/metrics";

    /// <summary>False: there is no <c>/metrics</c>.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The token with which other machines may read <c>/metrics</c>, as Bearer. Without one only this machine may.</summary>
    public string? Token { get; set; }

    /// <summary>File that holds the token, instead of <see cref="Token"/>.</summary>
    public string? TokenFile { get; set; }

    /// <summary>
    /// Address of an OpenTelemetry collector to which the metrics are sent as well: http://127.0.0.1:4317 for OTLP over gRPC, or
    /// http://127.0.0.1:4318/v1/metrics for OTLP over HTTP.
    /// </summary>
    public string? OtlpEndpoint { get; set; }

    /// <summary>True when the address is one of OTLP over HTTP, whose path the protocol fixes; one of gRPC has none.</summary>
    public bool SendsOverHttp => OtlpEndpoint?.EndsWith(HttpPath, StringComparison.Ordinal) == true;

    public string? ReadToken() => TokenFile is { } file ? SettingFile.ReadSecret(file) : Token;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SettingFile.ProblemOf(TokenFile) is { } problem)
        {
            yield return new ValidationResult(problem, [nameof(TokenFile)]);
        }
        else if (Token is not null && TokenFile is not null)
        {
            yield return new ValidationResult("cannot be given together with Halley:Metrics:TokenFile", [nameof(Token)]);
        }
        else if (ReadToken() is { Length: < ShortestToken })
        {
            yield return new ValidationResult(
                "must have at least 16 characters, for example those of `openssl rand -hex 16`",
                [TokenFile is null ? nameof(Token) : nameof(TokenFile)]);
        }

        if (OtlpEndpoint is not null
            && !(Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
                && (SendsOverHttp || url.AbsolutePath == "/")))
        {
            yield return new ValidationResult(
                "must be an address like http://127.0.0.1:4317 for OTLP over gRPC, or http://127.0.0.1:4318/v1/metrics for OTLP over HTTP",
                [nameof(OtlpEndpoint)]);
        }
    }
}
