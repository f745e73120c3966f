using System.Text;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Tests.Repository;

public class NodeNameTests
{
    public static TheoryData<byte[], string> Names => new()
    {
        { "plain name-1.txt"u8.ToArray(), "plain name-1.txt" },
        { "a\"b"u8.ToArray(), "a\\\"b" },
        { "back\\slash"u8.ToArray(), "back\\\\slash" },
        { "\a\b\f\n\r\t\v"u8.ToArray(), "\\a\\b\\f\\n\\r\\t\\v" },
        { new byte[] { 0x01, 0x1f, 0x7f }, "\\x01\\x1f\\x7f" },
        { new byte[] { 0x62, 0xff, 0x75 }, "b\\xffu" },
        { new byte[] { 0xe2, 0x82 }, "\\xe2\\x82" },
        { new byte[] { 0xed, 0xa0, 0x80 }, "\\xed\\xa0\\x80" }, // half of a surrogate pair
        { "é€😀"u8.ToArray(), "é€😀" },
        { "\u00a0\u00ad\u200b\u2028\u3000\ufeff\ue000"u8.ToArray(), "\\u00a0\\u00ad\\u200b\\u2028\\u3000\\ufeff\\ue000" },
        { "\U000F0000"u8.ToArray(), "\\U000f0000" },
        { "\ufffd"u8.ToArray(), "\ufffd" },
        { "<&>"u8.ToArray(), "<&>" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Name_is_quoted_as_Go_does_and_back(byte[] name, string quoted)
    {
        Assert.Equal(quoted, Encoding.UTF8.GetString(NodeName.Quote(name)));
        Assert.True(NodeName.TryUnquote(Encoding.UTF8.GetBytes(quoted), out var unquoted));
        Assert.Equal(name, unquoted);
    }

    [Fact]
    public void Random_bytes_survive_quoting()
    {
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var name = new byte[random.Next(1, 60)];
            random.NextBytes(name);

            Assert.True(NodeName.TryUnquote(NodeName.Quote(name), out var unquoted));
            Assert.Equal(name, unquoted);
        }
    }

    [Fact]
    public void Octal_escapes_of_other_writers_are_read()
    {
        Assert.True(NodeName.TryUnquote("a\\101\\377"u8, out var name));
        Assert.Equal([0x61, 0x41, 0xff], name);
    }

    [Theory]
    [InlineData("a\"b")]
    [InlineData("a\\")]
    [InlineData("\\q")]
    [InlineData("\\x1")]
    [InlineData("\\xg0")]
    [InlineData("\\u12")]
    [InlineData("\\ud800")]
    [InlineData("\\UFFFFFFFF")]
    [InlineData("\\U00110000")]
    [InlineData("\\18")]
    [InlineData("\\777")]
    [InlineData("\\1")]
    public void Text_that_Go_cannot_unquote_is_refused(string text) =>
        Assert.False(NodeName.TryUnquote(Encoding.UTF8.GetBytes(text), out _));
}
