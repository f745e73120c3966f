using System.Text.Json;
using Halley.Protocol;
using Halley.Server.Hosting;

namespace Halley.Server.AuthRole.ClientPackages;

/// <summary>
/// The packages that devices may download: the directory that <c>deploy/build-packages.sh</c> has filled, and that the setting
/// <c>Halley:PackagesDirectory</c> names. It is read anew for each request, so that a new version needs no restart.
/// </summary>
internal sealed class ClientPackageStore(HalleyOptions options)
{
    /// <summary>A list of hundreds of packages is smaller.</summary>
    private const long LongestList = 256 * 1024;

    private const int SignatureBytes = 256;

    /// <summary>True when the directory is named; there may still be nothing in it.</summary>
    public bool IsOn => options.PackagesDirectory is { Length: > 0 };

    /// <summary>The list, or null when there is none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public async Task<PackageList?> FindListAsync(CancellationToken cancellationToken)
    {
        if (await ReadAsync(PackageList.FileName, LongestList, cancellationToken) is not { } json)
        {
            return null;
        }

        try
        {
            return PackageList.Read(json);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{PackageList.FileName} in {options.PackagesDirectory} is damaged: {error.Message}", error);
        }
    }

    /// <summary>A file of the list, the list itself or its signature, open for reading; null when there is none of this name.</summary>
    public async Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken)
    {
        if (name is PackageList.FileName or PackageList.SignatureName)
        {
            return await ReadAsync(name, name == PackageList.FileName ? LongestList : SignatureBytes, cancellationToken) is { } content
                ? new MemoryStream(content, writable: false)
                : null;
        }

        // Only what the list names is served, whatever else lies in the directory.
        var file = (await FindListAsync(cancellationToken))?.Files.FirstOrDefault(file => file.Name == name);
        return file is not null && file.Name == Path.GetFileName(file.Name) ? Open(file.Name) : null;
    }

    private async Task<byte[]?> ReadAsync(string name, long longest, CancellationToken cancellationToken)
    {
        await using var file = Open(name);
        if (file is null)
        {
            return null;
        }

        if (file.Length > longest)
        {
            throw new InvalidDataException($"{name} in {options.PackagesDirectory} is larger than {longest} bytes.");
        }

        var content = new byte[file.Length];
        await file.ReadExactlyAsync(content, cancellationToken);
        return content;
    }

    private FileStream? Open(string name)
    {
        if (!IsOn)
        {
            return null;
        }

        try
        {
            return new FileStream(
                Path.Combine(options.PackagesDirectory!, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete,
                bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
