using System.ComponentModel.DataAnnotations;
using Halley.Server.Hosting;
using StackExchange.Redis;

namespace Halley.Server.Instances;

/// <summary>Several instances of the server on one database (<c>Halley:Instances</c>).</summary>
internal sealed class InstancesOptions : IValidatableObject
{
    /// <summary>
    /// The Redis that connects the instances, as a connection string of StackExchange.Redis; empty if this server is the only one.
    /// </summary>
    [SecretSetting]
    public string? Redis { get; set; }

    /// <summary>Prefix of all channels and keys, so that several installations can share one Redis.</summary>
    [RegularExpression("^[A-Za-z0-9:_-]{1,50}$", ErrorMessage = "must have 1 to 50 letters, digits, colons, underscores and hyphens")]
    public string Prefix { get; set; } = "halley";

    public bool AreSeveral => !string.IsNullOrWhiteSpace(Redis);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (AreSeveral && !IsReadable(Redis!))
        {
            yield return new ValidationResult(
                "must be a connection string of StackExchange.Redis, for example redis.internal:6379,password=…,ssl=true", [nameof(Redis)]);
        }
    }

    private static bool IsReadable(string text)
    {
        try
        {
            return ConfigurationOptions.Parse(text, ignoreUnknown: false).EndPoints.Count > 0;
        }
        catch (Exception problem) when (problem is ArgumentException or FormatException)
        {
            return false;
        }
    }
}
