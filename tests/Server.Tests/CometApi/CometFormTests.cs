using System.Text;
using Halley.Server.CometApi.Transport;
using Microsoft.AspNetCore.Http;

namespace Halley.Server.Tests.CometApi;

public class CometFormTests
{
    [Fact]
    public async Task Fields_are_decoded_and_case_sensitive()
    {
        var form = await ReadAsync("Name=a%2Bb+c%C3%A4&name=other&Empty=&Flag");

        Assert.Equal("a+b cä", form!.Text("Name"));
        Assert.Equal("other", form.Text("name"));
        Assert.Equal("", form.Text("NAME"));
        Assert.Equal("", form.Text("Empty"));
        Assert.Equal("", form.Text("Flag"));
    }

    [Theory]
    [InlineData("B=true", true, true)]
    [InlineData("B=1", true, true)]
    [InlineData("B=false", true, false)]
    [InlineData("B=0", true, false)]
    [InlineData("B=True", true, true)]
    [InlineData("B=False", true, false)]
    [InlineData("B=", true, false)]
    [InlineData("", true, false)]
    [InlineData("B=yes", false, false)]
    public async Task Truth_values_are_read_as_any_client_writes_them(string body, bool readable, bool value)
    {
        Assert.Equal(readable, (await ReadAsync(body))!.TryBoolean("B", absent: false, out var read));
        Assert.Equal(value, read);
    }

    [Fact]
    public async Task Numbers_and_objects_are_read_or_refused()
    {
        var form = (await ReadAsync("N=-12&M=1.5&J=%7B%22Status%22%3A5%2C%22Message%22%3A%22x%22%7D&K=nonsense"))!;

        Assert.True(form.TryInteger("N", 0, out var number));
        Assert.Equal(-12, number);
        Assert.False(form.TryInteger("M", 0, out _));
        Assert.True(form.TryInteger("Absent", 7, out var absent));
        Assert.Equal(7, absent);
        Assert.True(form.TryJson<CometApiResponseMessage>("J", out var parsed));
        Assert.Equal(5, parsed!.Status);
        Assert.False(form.TryJson<CometApiResponseMessage>("K", out _));
        Assert.True(form.TryJson<CometApiResponseMessage>("Absent", out var none));
        Assert.Null(none);
    }

    [Fact]
    public async Task Form_of_very_many_fields_is_refused() =>
        Assert.Null(await ReadAsync(string.Join('&', Enumerable.Range(0, 2000).Select(n => $"f{n}=1"))));

    [Theory]
    [InlineData("Name=1&Name=2")]
    [InlineData("Name=a%00b")]
    public async Task Field_that_comes_twice_or_holds_no_text_is_refused(string body) => Assert.Null(await ReadAsync(body));

    private static Task<CometForm?> ReadAsync(string body)
    {
        var context = new DefaultHttpContext();
        context.Request.ContentType = "application/x-www-form-urlencoded";
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        return CometForm.ReadAsync(context.Request, default);
    }
}
