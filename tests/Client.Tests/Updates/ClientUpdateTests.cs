using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text.Json;
using Halley.Client.Updates;
using Halley.Protocol;
using Halley.Testing;

namespace Halley.Client.Tests.Updates;

/// <summary>Updates from a real server that offers packages: only what was signed with the key of the program is installed.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClientUpdateTests(ClientUpdateTests.Offer offer) : IClassFixture<ClientUpdateTests.Offer>, IDisposable
{
    private static readonly Version Running = new(1, 0, 0);

    private readonly TemporaryDirectory _program = new();

    public void Dispose() => _program.Dispose();

    [Fact]
    public async Task Newer_version_replaces_the_files_of_the_program()
    {
        await offer.PublishAsync("1.0.1", offer.Key);
        var update = Update();

        var found = await update.FindAsync(Running, default);
        Assert.Equal(new Version(1, 0, 1), found?.Version);
        await update.InstallAsync(found!, default);

        Assert.Equal("new halley", File.ReadAllText(_program.Combine("halley")));
        Assert.Equal("new library", File.ReadAllText(_program.Combine("libzstd.so")));
        Assert.True(File.GetUnixFileMode(_program.Combine("halley")).HasFlag(UnixFileMode.OtherExecute));
        Assert.False(Path.Exists(_program.Combine("evil"))); // was in a deeper folder of the archive
        Assert.Equal(["halley", "libzstd.so", ClientUpdate.KeyFile], Files());
    }

    [Theory]
    [InlineData("1.0.0")]
    [InlineData("0.9.9")]
    public async Task Version_that_is_not_newer_is_not_offered(string version)
    {
        await offer.PublishAsync(version, offer.Key);
        Assert.Null(await Update().FindAsync(Running, default));
    }

    [Fact]
    public async Task List_that_another_key_signed_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await offer.PublishAsync("1.0.1", other);
        await RefusedAsync("not signed with the key");
    }

    [Fact]
    public async Task List_without_a_signature_is_refused()
    {
        await offer.PublishAsync("1.0.1", offer.Key);
        offer.Delete(PackageList.SignatureName);
        await RefusedAsync("not signed");
    }

    [Fact]
    public async Task List_that_was_changed_after_it_was_signed_is_refused()
    {
        await offer.PublishAsync("1.0.1", offer.Key);
        await offer.ChangeListAsync(text => text.Replace("1.0.1", "1.0.2", StringComparison.Ordinal));
        await RefusedAsync("not signed with the key");
    }

    [Fact]
    public async Task Archive_that_was_changed_is_not_installed()
    {
        await offer.PublishAsync("1.0.1", offer.Key);
        var update = Update();
        var found = await update.FindAsync(Running, default);
        await offer.DamageArchiveAsync();

        var refused = await Assert.ThrowsAsync<UpdateException>(() => update.InstallAsync(found!, default));

        Assert.Contains("was not installed", refused.Message, StringComparison.Ordinal);
        Assert.Equal("old halley", File.ReadAllText(_program.Combine("halley")));
        Assert.Equal(["halley", ClientUpdate.KeyFile], Files());
    }

    [Fact]
    public async Task Program_without_a_key_says_how_it_is_updated()
    {
        await offer.PublishAsync("1.0.1", offer.Key);
        using var http = new HttpClient();
        using var empty = new TemporaryDirectory();
        var refused = await Assert.ThrowsAsync<UpdateException>(
            () => new ClientUpdate(http, offer.Address, empty.Path).FindAsync(Running, default));
        Assert.Contains(ClientUpdate.KeyFile, refused.Message, StringComparison.Ordinal);
    }

    private async Task RefusedAsync(string reason)
    {
        var refused = await Assert.ThrowsAsync<UpdateException>(() => Update().FindAsync(Running, default));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    private ClientUpdate Update()
    {
        File.WriteAllText(_program.Combine("halley"), "old halley");
        File.WriteAllText(_program.Combine(ClientUpdate.KeyFile), offer.Key.ExportSubjectPublicKeyInfoPem());
        return new ClientUpdate(offer.Http, offer.Address, _program.Path);
    }

    private IEnumerable<string?> Files() =>
        Directory.GetFileSystemEntries(_program.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    /// <summary>The server and what it offers.</summary>
    public sealed class Offer : IAsyncLifetime, IDisposable
    {
        private static readonly string Runtime = $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        private static readonly string Archive = $"halley-client-{Runtime}.tar.gz";

        private readonly TemporaryDirectory _directory = new();
        private ServerHost _host = default!;

        public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public HttpClient Http => _host.Http;

        public Uri Address => _host.Http.BaseAddress!;

        public async Task InitializeAsync() => _host = await ServerHost.StartAsync(
            new ServerHostOptions { Kestrel = true, Settings = { ["Halley:PackagesDirectory"] = _directory.Path } });

        public async Task DisposeAsync() => await _host.DisposeAsync();

        public void Dispose()
        {
            Key.Dispose();
            _directory.Dispose();
        }

        public async Task PublishAsync(string version, ECDsa key)
        {
            await using (var file = File.Create(_directory.Combine(Archive)))
            await using (var packed = new GZipStream(file, CompressionLevel.Fastest))
            await using (var tar = new TarWriter(packed))
            {
                Add(tar, "top/halley", "new halley");
                Add(tar, "top/libzstd.so", "new library");
                Add(tar, "top/deeper/evil", "evil");
            }

            var content = await File.ReadAllBytesAsync(_directory.Combine(Archive));
            var package = new PackageFile(
                Archive, PackageFile.Client, Runtime, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
            var list = JsonSerializer.SerializeToUtf8Bytes(
                new PackageList(version, DateTime.UnixEpoch, [package]), JsonSerializerOptions.Web);
            await File.WriteAllBytesAsync(_directory.Combine(PackageList.FileName), list);
            await File.WriteAllBytesAsync(
                _directory.Combine(PackageList.SignatureName),
                key.SignData(list, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }

        public void Delete(string name) => File.Delete(_directory.Combine(name));

        public async Task ChangeListAsync(Func<string, string> change)
        {
            var path = _directory.Combine(PackageList.FileName);
            await File.WriteAllTextAsync(path, change(await File.ReadAllTextAsync(path)));
        }

        public async Task DamageArchiveAsync()
        {
            var path = _directory.Combine(Archive);
            var content = await File.ReadAllBytesAsync(path);
            content[^9] ^= 1;
            await File.WriteAllBytesAsync(path, content);
        }

        private static void Add(TarWriter tar, string name, string content)
        {
            using var data = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(content));
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = (UnixFileMode)0b111_101_101, DataStream = data });
        }
    }
}
