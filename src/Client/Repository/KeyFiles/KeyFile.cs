using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Halley.Client.Repository.Encryption;
using Halley.Client.Repository.Json;
using Halley.Storage;

namespace Halley.Client.Repository.KeyFiles;

/// <summary>
/// The master key (A-key), sealed with a key that scrypt derives from one password. Plain JSON: anyone with access to the store can read
/// host and user name.
/// </summary>
internal sealed class KeyFile
{
    private const int SaltLength = 64;
    private const int EncryptionLength = 32;
    private const int MacLength = 16;
    private const int DerivedLength = EncryptionLength + (2 * MacLength);

    public required VaultTime Created { get; init; }

    public required string UserName { get; init; }

    public required string HostName { get; init; }

    public required ScryptParameters Parameters { get; init; }

    public required byte[] Salt { get; init; }

    /// <summary>The master key as JSON, sealed.</summary>
    public required byte[] Data { get; init; }

    /// <summary>Seals a master key with a password. The parameters determine how long it takes.</summary>
    public static KeyFile Create(
        VaultKey master, ReadOnlySpan<char> password, ScryptParameters parameters, VaultTime created, string userName, string hostName)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        var plain = GC.AllocateUninitializedArray<byte>(MasterKeyJson.Length, pinned: true);
        try
        {
            using var user = Derive(password, salt, parameters);
            MasterKeyJson.Write(master, plain);
            var data = new byte[plain.Length + VaultKey.Overhead];
            user.Seal(plain, data);
            return new KeyFile
            {
                Created = created,
                UserName = userName,
                HostName = hostName,
                Parameters = parameters,
                Salt = salt,
                Data = data,
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>Opens the master key; null when the password is wrong. The parameters determine how long it takes.</summary>
    /// <exception cref="VaultException">The password fits, but the opened text is no key.</exception>
    public VaultKey? TryOpen(BlobName file, ReadOnlySpan<char> password)
    {
        if (Data.Length < VaultKey.Overhead)
        {
            throw VaultException.Damaged(file, "the sealed key is too short");
        }

        var plain = GC.AllocateUninitializedArray<byte>(Data.Length - VaultKey.Overhead, pinned: true);
        try
        {
            using var user = Derive(password, Salt, Parameters);
            return user.TryOpen(Data, plain) ? MasterKeyJson.Parse(file, plain) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    public byte[] ToJson()
    {
        var writer = new GoJsonWriter();
        writer.BeginObject();
        writer.Member("created"u8);
        writer.Time(Created);
        writer.Member("username"u8);
        writer.String(UserName);
        writer.Member("hostname"u8);
        writer.String(HostName);
        writer.Member("kdf"u8);
        writer.String("scrypt"u8);
        writer.Member("N"u8);
        writer.Number((long)Parameters.N);
        writer.Member("r"u8);
        writer.Number((long)Parameters.R);
        writer.Member("p"u8);
        writer.Number((long)Parameters.P);
        writer.Member("salt"u8);
        writer.Base64(Salt);
        writer.Member("data"u8);
        writer.Base64(Data);
        writer.EndObject();
        return writer.Written.ToArray();
    }

    /// <exception cref="VaultException">It is damaged, or its parameters are refused.</exception>
    public static KeyFile Parse(BlobName file, ReadOnlySpan<byte> json)
    {
        var key = VaultJson.Parse(file, json, ReadKeyFile);
        return key.Parameters.IsAcceptable
            ? key
            : throw new VaultException(
                VaultFault.Unsupported, file,
                $"{file} asks for scrypt with N={key.Parameters.N}, r={key.Parameters.R}, p={key.Parameters.P}, which is refused. "
                + "Someone may have put it there to stop clients; remove it from the store.");
    }

    private static KeyFile ReadKeyFile(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        VaultTime created = default;
        var (userName, hostName, kdf) = ("", "", "");
        var (n, r, p) = (0, 0, 0);
        byte[] salt = [], data = [];
        Span<char> characters = stackalloc char[VaultJson.LongestName];
        VaultJson.Expect(ref reader, JsonTokenType.StartObject);
        while (VaultJson.NextMember(ref reader, out var name))
        {
            switch (VaultJson.Characters(name, characters))
            {
                case "created": created = VaultJson.Time(ref reader); break;
                case "username": userName = VaultJson.String(ref reader); break;
                case "hostname": hostName = VaultJson.String(ref reader); break;
                case "kdf": kdf = VaultJson.String(ref reader); break;
                case "N": n = VaultJson.Int32(ref reader); break;
                case "r": r = VaultJson.Int32(ref reader); break;
                case "p": p = VaultJson.Int32(ref reader); break;
                case "salt": salt = VaultJson.Base64(ref reader); break;
                case "data": data = VaultJson.Base64(ref reader); break;
                default: reader.Skip(); break;
            }
        }

        return kdf == "scrypt"
            ? new KeyFile
            {
                Created = created,
                UserName = userName,
                HostName = hostName,
                Parameters = new(n, r, p),
                Salt = salt,
                Data = data,
            }
            : throw new JsonException($"Its key derivation '{kdf}' is unknown.");
    }

    private static VaultKey Derive(ReadOnlySpan<char> password, ReadOnlySpan<byte> salt, ScryptParameters parameters)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(password), pinned: true);
        Span<byte> key = stackalloc byte[DerivedLength];
        try
        {
            Encoding.UTF8.GetBytes(password, bytes);
            Scrypt.DeriveKey(bytes, salt, parameters.N, parameters.R, parameters.P, key);
            return new VaultKey(key[..EncryptionLength], key.Slice(EncryptionLength, MacLength), key[(EncryptionLength + MacLength)..]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
