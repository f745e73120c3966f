using System.Text.Json.Serialization;

namespace Halley.Protocol;

/// <summary>
/// The list of packages that <c>deploy/build-packages.sh</c> makes, as in its file <c>packages.json</c>. The file
/// <c>packages.json.sig</c> beside it is its signature: ECDSA on P-256 over SHA-256, in DER.
/// </summary>
/// <param name="Version">The version of all packages, such as <c>1.2.0</c>.</param>
/// <param name="Made">UTC time of the commit they were built from.</param>
/// <param name="Files">The packages.</param>
public sealed record PackageList(string Version, DateTime Made, IReadOnlyList<PackageFile> Files)
{
    /// <summary>Name of the file with the list.</summary>
    public const string FileName = "packages.json";

    /// <summary>Name of the file with its signature.</summary>
    public const string SignatureName = "packages.json.sig";

    /// <summary>Reads a list.</summary>
    /// <exception cref="System.Text.Json.JsonException">It is not one.</exception>
    public static PackageList Read(ReadOnlySpan<byte> json) =>
        System.Text.Json.JsonSerializer.Deserialize(json, PackageListJson.Default.PackageList)
        ?? throw new System.Text.Json.JsonException("The list must be an object.");

    /// <summary>The archive of a program for a runtime, which installs anywhere; null when there is none.</summary>
    public PackageFile? FindArchive(string component, string runtime) =>
        Files.FirstOrDefault(file => file.Component == component && file.Runtime == runtime && !file.IsDebian);

    /// <summary>The Debian package of a program for a runtime; null when there is none.</summary>
    public PackageFile? FindDebian(string component, string runtime) =>
        Files.FirstOrDefault(file => file.Component == component && file.Runtime == runtime && file.IsDebian);
}

/// <summary>One package.</summary>
/// <param name="Name">Name of the file.</param>
/// <param name="Component"><see cref="Client"/> or <c>server</c>.</param>
/// <param name="Runtime">The runtime identifier of .NET, such as <c>linux-x64</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Its SHA-256 in lower-case hex.</param>
public sealed record PackageFile(string Name, string Component, string Runtime, long Size, string Sha256)
{
    /// <summary>The backup client.</summary>
    public const string Client = "client";

    /// <summary>True for a package of <c>dpkg</c>, false for an archive.</summary>
    [JsonIgnore]
    public bool IsDebian => Name.EndsWith(".deb", StringComparison.Ordinal);
}

[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PackageList))]
internal sealed partial class PackageListJson : JsonSerializerContext;
