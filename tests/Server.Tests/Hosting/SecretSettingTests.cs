using Halley.Server.Data;
using Halley.Server.Hosting;
using Halley.Server.Instances;
using Halley.Testing;
using Microsoft.Extensions.Configuration;

namespace Halley.Server.Tests.Hosting;

/// <summary>A setting that holds a secret may be given as a file with it.</summary>
public class SecretSettingTests
{
    private const string Database = "Host=db.internal;Database=halley;Username=halley;Password=secret";

    [Fact]
    public void Secret_is_read_from_its_file()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.Combine("database"), Database + "\n");
        File.WriteAllText(directory.Combine("redis"), "redis.internal:6379,password=secret");
        var reader = Reader(
            ("Halley:Database:Provider", "PostgreSql"), ("Halley:Database:ConnectionStringFile", directory.Combine("database")),
            ("Halley:Instances:RedisFile", directory.Combine("redis")));

        Assert.Equal(Database, reader.Read<DatabaseOptions>("Database").ConnectionString);
        Assert.Equal("redis.internal:6379,password=secret", reader.Read<InstancesOptions>("Instances").Redis);
        Assert.Empty(reader.Failures());
    }

    [Fact]
    public void File_that_cannot_be_read_or_is_given_beside_the_secret_is_named()
    {
        var missing = Reader(("Halley:Instances:RedisFile", "/no/such/file"));
        missing.Read<InstancesOptions>("Instances");
        Assert.Equal("Halley:Instances:RedisFile: must be a file that exists and can be read", Assert.Single(missing.Failures()));

        var both = Reader(("Halley:Instances:RedisFile", "/no/such/file"), ("Halley:Instances:Redis", "redis.internal"));
        both.Read<InstancesOptions>("Instances");
        Assert.Equal("Halley:Instances:RedisFile: cannot be given together with Halley:Instances:Redis", Assert.Single(both.Failures()));
    }

    private static OptionsReader Reader(params (string Key, string Value)[] settings) => new(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(one => one.Key, one => (string?)one.Value)).Build());
}
