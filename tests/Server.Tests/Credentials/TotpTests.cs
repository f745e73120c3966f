using System.Text;
using Halley.Server.Credentials;

namespace Halley.Server.Tests.Credentials;

public class TotpTests
{
    private static readonly byte[] RfcSecret = Encoding.ASCII.GetBytes("12345678901234567890");

    // RFC 6238, appendix B; its codes have eight digits, of which the last six are the same.
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_standard(long seconds, string code)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(seconds);

        Assert.Equal(code, Totp.CodeAt(RfcSecret, Totp.StepAt(time)));
        Assert.Equal(Totp.StepAt(time), Totp.StepOf(RfcSecret, code, time));
    }

    [Fact]
    public void Code_of_the_step_before_and_after_is_taken_and_no_other()
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(1234567890);
        var step = Totp.StepAt(time);

        Assert.Equal(
            [null, step - 1, step, step + 1, null],
            Enumerable.Range(-2, 5).Select(away => Totp.StepOf(RfcSecret, Totp.CodeAt(RfcSecret, step + away), time)));
        Assert.Null(Totp.StepOf(RfcSecret, "", time));
        Assert.Null(Totp.StepOf(RfcSecret, "٠٠٥٩٢٤", time));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base_32_is_that_of_the_standard(string text, string encoded) =>
        Assert.Equal(encoded, Base32.Encode(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Link_names_issuer_account_and_secret() =>
        Assert.Equal(
            "otpauth://totp/Halley:a%20b%3A?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Halley&algorithm=SHA1&digits=6&period=30",
            Totp.LinkOf("Halley", "a b:", RfcSecret));
}
