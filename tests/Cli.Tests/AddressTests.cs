using Halley.Cli.Settings;
using Halley.Cli.Vaults;

namespace Halley.Cli.Tests;

public sealed class AddressTests
{
    [Theory]
    [InlineData("rest:https://bucket:key@host:8060/vault/bucket/", "rest:https://host:8060/vault/bucket/", "bucket", "key")]
    [InlineData("rest:http://a%40b:k%2Fy@host/path", "rest:http://host/path/", "a@b", "k/y")]
    [InlineData("https://host/vault/bucket", "rest:https://host/vault/bucket/", "bucket", "")]
    [InlineData("/srv/vault", "/srv/vault", "", "")]
    [InlineData("local:/srv/vault", "/srv/vault", "", "")]
    public void Address_is_read_and_shown_without_its_key(string text, string shown, string name, string key)
    {
        var address = VaultAddress.Parse(text);

        Assert.Equal((shown, name, key), (address.ToString(), address.UserName, address.Secret));
    }

    [Theory]
    [InlineData("rest:ftp://host/")]
    [InlineData("rest:host")]
    [InlineData("https://bucket:key@host/vault/bucket/?x=1")]
    [InlineData("sftp:host:/srv")]
    public void Address_that_cannot_be_opened_is_refused_without_its_key(string text)
    {
        var error = Assert.Throws<CommandException>(() => VaultAddress.Parse(text));
        Assert.DoesNotContain("key@", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1000", 1000)]
    [InlineData("64K", 64 << 10)]
    [InlineData("1.5MiB", 3 << 19)]
    [InlineData("2g", 2L << 30)]
    public void Size_is_read(string text, long bytes) => Assert.Equal(bytes, Quantity.ParseBytes(text));

    [Theory]
    [InlineData("")]
    [InlineData("K")]
    [InlineData("many")]
    [InlineData("-5M")]
    public void Text_that_is_no_size_is_refused(string text) => Assert.Throws<CommandException>(() => Quantity.ParseBytes(text));

    [Theory]
    [InlineData("a b  'c d' \"e \\\" f\" g\\ h ''", new[] { "a", "b", "c d", "e \" f", "g h", "" })]
    [InlineData("  ", new string[0])]
    public void Command_is_split_as_a_shell_does(string command, string[] words) => Assert.Equal(words, CommandLine.Split(command));
}
