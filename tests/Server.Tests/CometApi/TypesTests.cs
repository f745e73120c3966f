using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;

namespace Halley.Server.Tests.CometApi;

/// <summary>The classes of the vendor's documents against the vendor's list of types.</summary>
public class TypesTests
{
    public static TheoryData<string> Names =>
        [.. VendorApi.Known.Types.Where(type => type.Value.Fields is not null).Select(type => type.Key)
            .Where(name => VendorApi.ClassOf(name)?.GetConstructor(Type.EmptyTypes) is not null)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Document_has_exactly_the_fields_of_the_type(string name)
    {
        var type = VendorApi.ClassOf(name)!;
        var written = JsonSerializer.SerializeToElement(Activator.CreateInstance(type), type, CometJson.Options);

        Assert.Empty(VendorApi.Known.Faults(written, name));
        var fields = VendorApi.Known.Types[name].Fields!.Select(field => field.Name).Order(StringComparer.Ordinal);
        Assert.Equal(fields, CometJson.Options.GetTypeInfo(type).Properties.Where(property => !property.IsExtensionData)
            .Select(property => property.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Unknown_fields_survive_and_nulls_become_empty()
    {
        var profile = JsonSerializer.Deserialize<UserProfileConfig>(
            """{"Username":"a","Emails":null,"Policy":null,"Sources":{"s":{"Engine":null,"NewField":[1,{"x":null}]}},"Later":{"y":2}}""",
            CometJson.Options)!;
        var written = JsonSerializer.SerializeToElement(profile, CometJson.Options);

        Assert.Equal(0, written.GetProperty("Emails").GetArrayLength());
        Assert.Equal(JsonValueKind.Object, written.GetProperty("Policy").ValueKind);
        Assert.Equal("", written.GetProperty("Sources").GetProperty("s").GetProperty("Engine").GetString());
        Assert.Equal("""[1,{"x":null}]""", written.GetProperty("Sources").GetProperty("s").GetProperty("NewField").GetRawText());
        Assert.Equal("""{"y":2}""", written.GetProperty("Later").GetRawText());
    }

    [Fact]
    public void Null_is_the_empty_value_at_any_depth()
    {
        const string Nulls = """
            {"IsSuspended":null,"MaximumDevices":null,"Emails":["a",null],"Sources":{"s":null,"t":{"Statistics":null,
            "OverrideDestinationRetention":{"v":{"Mode":null,"Ranges":[null,{"Jobs":null}]}}}},"Destinations":null,
            "Policy":{"FileAndFolderMandatoryExclusions":null,"StorageVaultProviders":{"AllowedProvidersWhenRestricted":[null,1003]}}}
            """;
        var profile = CometJson.Read<UserProfileConfig>(Nulls)!;

        Assert.Equal((false, 0), (profile.IsSuspended, profile.MaximumDevices));
        Assert.Equal(["a", ""], profile.Emails);
        Assert.Equal("", profile.Sources["s"].Engine);
        Assert.Equal("", profile.Sources["t"].Statistics.LastBackupJob.GUID);
        Assert.Equal([0, 0], profile.Sources["t"].OverrideDestinationRetention["v"].Ranges.Select(range => range.Jobs));
        Assert.Equal([0UL, 1003UL], profile.Policy.StorageVaultProviders.AllowedProvidersWhenRestricted);
        Assert.Empty(VendorApi.Known.Faults(JsonSerializer.SerializeToElement(profile, CometJson.Options), nameof(UserProfileConfig)));
        Assert.Empty(CometJson.Read<Dictionary<string, List<string>>>("null")!);
        Assert.Equal(["", "b"], CometJson.Read<Dictionary<string, List<string>>>("""{"a":[null,"b"]}""")!["a"]);
        Assert.Null(CometJson.Read<UserProfileConfig>("null"));
    }

    [Theory]
    [InlineData("""{"Username":1}""")]
    [InlineData("""{"Emails":{}}""")]
    [InlineData("""{"IsSuspended":1}""")]
    [InlineData("""{"CreateTime":"0"}""")]
    [InlineData("""{"Username":"a","Username":"b"}""")]
    [InlineData("""[]""")]
    public void Fields_of_the_wrong_kind_are_refused(string document) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<UserProfileConfig>(document, CometJson.Options));
}
