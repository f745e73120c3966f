using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Halley.Protocol;
using Halley.Storage.Disk;

namespace Halley.Client.Updates;

/// <summary>
/// Updates the program that runs from the packages of a server (<see cref="Routes.Download"/>). Only a list that was signed with the key
/// whose public part lies beside the program as <c>update-key.pem</c> is trusted, so neither the server nor its proxy can give a device
/// another program. A version older than the running one is never installed.
/// </summary>
/// <param name="http">Connections to the server.</param>
/// <param name="server">Address of the server, with a slash at its end.</param>
/// <param name="directory">Directory of the program.</param>
public sealed class ClientUpdate(HttpClient http, Uri server, string directory)
{
    /// <summary>Name of the file with the public key.</summary>
    public const string KeyFile = "update-key.pem";

    private const int LongestList = 256 * 1024;

    private const UnixFileMode EverybodyRuns = (UnixFileMode)0b111_101_101;

    /// <summary>The version that the server offers for this machine; null when it offers none, or none that is newer.</summary>
    /// <param name="running">The version that runs, such as <c>1.2.0</c>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="UpdateException">This program has no key, or the list is not one that was signed with it.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    public async Task<OfferedUpdate?> FindAsync(Version running, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(running);
        var key = ReadKey();
        if (await GetAsync(PackageList.FileName, cancellationToken) is not { } json)
        {
            return null;
        }

        var signature = await GetAsync(PackageList.SignatureName, cancellationToken)
            ?? throw new UpdateException($"The packages of {server} are not signed, so they are not installed.");
        if (!IsSigned(key, json, signature))
        {
            throw new UpdateException(
                $"The packages of {server} are not signed with the key of this program, so they are not installed. Ask the administrator; "
                + "if the key was changed, install the client once by hand.");
        }

        var list = Parse(json);
        var package = IsOfDpkg ? list.FindDebian(PackageFile.Client, Runtime) : list.FindArchive(PackageFile.Client, Runtime);
        return Version.TryParse(list.Version, out var offered) && offered > running && package is not null
            ? new OfferedUpdate(offered, package)
            : null;
    }

    /// <summary>
    /// Downloads the package. One of Debian is installed by <c>dpkg</c>; an archive replaces the files of the program one by
    /// one, the program itself last. A program that runs keeps its old files until it is started again.
    /// </summary>
    /// <exception cref="UpdateException">
    /// What was downloaded is not the package of the list, and nothing was replaced; or <c>dpkg</c> failed.
    /// </exception>
    /// <exception cref="IOException">A file cannot be replaced; running the update again continues.</exception>
    public async Task InstallAsync(OfferedUpdate update, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(update);
        var staging = Path.Combine(directory, ".update");
        if (Directory.Exists(staging))
        {
            Directory.Delete(staging, recursive: true); // of an update that was interrupted
        }

        Directory.CreateDirectory(staging);
        try
        {
            var archive = Path.Combine(staging, "archive");
            await DownloadAsync(update.File, archive, cancellationToken);
            if (update.File.IsDebian)
            {
                await RunDpkgAsync(archive, cancellationToken);
                return;
            }

            var unpacked = Unpack(archive, staging);
            var program = OperatingSystem.IsWindows() ? "halley.exe" : "halley";
            if (!unpacked.Contains(program))
            {
                throw new UpdateException($"{update.File.Name} does not contain {program}.");
            }

            foreach (var name in unpacked.OrderBy(name => name == program))
            {
                FileReplacement.Run(Path.Combine(staging, name), Path.Combine(directory, name));
            }
        }
        finally
        {
            Directory.Delete(staging, recursive: true);
        }
    }

    // Files that dpkg installed are replaced by dpkg, so that it knows what is installed.
    private bool IsOfDpkg => directory.TrimEnd('/') == "/usr/lib/halley-client" && File.Exists("/var/lib/dpkg/info/halley-client.list");

    private static async Task RunDpkgAsync(string package, CancellationToken cancellationToken)
    {
        // A restart of the service by the package would end the agent, and dpkg with it, in the middle of its work.
        var start = new ProcessStartInfo("dpkg", ["-i", package]) { Environment = { ["HALLEY_UPDATING"] = "1" } };
        using var dpkg = Process.Start(start)
            ?? throw new UpdateException("dpkg did not start.");
        await dpkg.WaitForExitAsync(cancellationToken);
        if (dpkg.ExitCode != 0)
        {
            throw new UpdateException($"dpkg ended with {dpkg.ExitCode}; its messages say why. Run `dpkg --configure -a` and try again.");
        }
    }

    private static string Runtime
    {
        get
        {
            var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
            return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        }
    }

    private string ReadKey()
    {
        try
        {
            return File.ReadAllText(Path.Combine(directory, KeyFile));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UpdateException(
                $"This program was not built with a key for updates: {Path.Combine(directory, KeyFile)} is missing. Update it as it was "
                + "installed.");
        }
    }

    private static bool IsSigned(string key, ReadOnlySpan<byte> json, ReadOnlySpan<byte> signature)
    {
        using var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportFromPem(key);
            return ecdsa.VerifyData(json, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new UpdateException($"{KeyFile} is damaged: {error.Message}");
        }
    }

    private static PackageList Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return PackageList.Read(json);
        }
        catch (JsonException error)
        {
            throw new UpdateException($"The list of packages cannot be read: {error.Message}");
        }
    }

    private async Task<byte[]?> GetAsync(string name, CancellationToken cancellationToken)
    {
        using var answer = await RequestAsync(name, cancellationToken);
        if (answer.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }

        await using var body = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken);
        var content = new byte[LongestList];
        var length = await body.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellationToken);
        return length < content.Length ? content[..length] : throw new UpdateException($"{name} of {server} is too large.");
    }

    private async Task DownloadAsync(PackageFile file, string path, CancellationToken cancellationToken)
    {
        using var answer = await RequestAsync(file.Name, cancellationToken);
        await using var body = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken);
        await using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[64 * 1024];
        for (var left = file.Size; left >= 0;)
        {
            var read = await body.ReadAsync(block, cancellationToken);
            if (read == 0)
            {
                break;
            }

            left -= read;
            hash.AppendData(block, 0, read);
            await target.WriteAsync(block.AsMemory(0, read), cancellationToken);
        }

        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != file.Sha256)
        {
            throw new UpdateException($"{file.Name} of {server} is not the package of the signed list, so it was not installed.");
        }
    }

    private Task<HttpResponseMessage> RequestAsync(string name, CancellationToken cancellationToken) => http.GetAsync(
        new Uri(server, Routes.ToDownload(name).TrimStart('/')), HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    // The files of the one folder at the top, durable; deeper ones, links and devices are not part of a package.
    private static List<string> Unpack(string archive, string staging)
    {
        var names = new List<string>();
        using var file = File.OpenRead(archive);
        using var packed = new GZipStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(packed);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile
                && entry.Name.TrimStart('.', '/').Split('/') is [_, var name] && IsName(name))
            {
                var path = Path.Combine(staging, name);
                entry.ExtractToFile(path, overwrite: false);
                if (!OperatingSystem.IsWindows())
                {
                    // Everybody may run it, whatever the umask; only its owner may write it, whatever the archive says.
                    File.SetUnixFileMode(path, entry.Mode & EverybodyRuns);
                }

                using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
                DeviceFlush.Run(handle);
                names.Add(name);
            }
        }

        return names;
    }

    private static bool IsName(string name) => name.Length > 0 && name != "archive" && name == Path.GetFileName(name);
}

/// <summary>A newer version that a server offers.</summary>
/// <param name="Version">The version.</param>
/// <param name="File">Its archive for this machine.</param>
public sealed record OfferedUpdate(Version Version, PackageFile File);

/// <summary>An update was not installed. The message says why and what to do.</summary>
/// <param name="message">For people.</param>
public sealed class UpdateException(string message) : Exception(message);
