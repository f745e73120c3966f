using System.Globalization;
using System.Text;
using Halley.Client.Repository;

namespace Halley.Client.Tests.Repository;

public class VaultTimeTests
{
    [Theory]
    [InlineData(0, 0, 0, "1970-01-01T00:00:00Z")]
    [InlineData(1704164645, 123456780, 0, "2024-01-02T03:04:05.12345678Z")]
    [InlineData(1704164645, 123456780, 60, "2024-01-02T04:04:05.12345678+01:00")]
    [InlineData(1719889445, 0, 120, "2024-07-02T05:04:05+02:00")]
    [InlineData(-1, 999999999, 0, "1969-12-31T23:59:59.999999999Z")]
    [InlineData(-1, 1, -210, "1969-12-31T20:29:59.000000001-03:30")]
    [InlineData(-62135596800, 0, 0, "0001-01-01T00:00:00Z")]
    [InlineData(-62167219200, 0, 0, "0000-01-01T00:00:00Z")]
    [InlineData(4102444800, 500000000, 0, "2100-01-01T00:00:00.5Z")]
    [InlineData(253402300799, 0, 0, "9999-12-31T23:59:59Z")]
    [InlineData(951782400, 0, 0, "2000-02-29T00:00:00Z")]
    [InlineData(-2203891200, 0, 0, "1900-03-01T00:00:00Z")]
    public void Text_is_that_of_Go_and_is_read_again(long seconds, int nanoseconds, short offset, string text)
    {
        var time = new VaultTime(seconds, nanoseconds, offset);

        Assert.Equal(text, time.ToString());
        Assert.True(VaultTime.TryParse(Encoding.ASCII.GetBytes(text), out var parsed));
        Assert.Equal(time, parsed);
    }

    [Theory]
    [InlineData(long.MaxValue / 2, "9999-12-31T23:59:59Z")]
    [InlineData(long.MinValue / 2, "0000-01-01T00:00:00Z")]
    public void Years_that_have_no_text_become_the_nearest_that_have(long seconds, string text) =>
        Assert.Equal(text, new VaultTime(seconds, 0, 0).ToString());

    [Theory]
    [InlineData("2024-01-02T03:04:05.1234567899Z", 123456789)]
    [InlineData("2024-01-02T03:04:05,5Z", 500000000)]
    [InlineData("2024-01-02T03:04:05.000000000Z", 0)]
    public void Fractions_of_any_length_are_read(string text, int nanoseconds)
    {
        Assert.True(VaultTime.TryParse(Encoding.ASCII.GetBytes(text), out var time));
        Assert.Equal((1704164645L, nanoseconds), (time.UnixSeconds, time.Nanoseconds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2024-01-02T03:04:05")]
    [InlineData("2024-13-02T03:04:05Z")]
    [InlineData("2023-02-29T03:04:05Z")]
    [InlineData("2024-00-02T03:04:05Z")]
    [InlineData("2024-01-02T24:04:05Z")]
    [InlineData("2024-01-02T03:04:05.Z")]
    [InlineData("2024-01-02T03:04:05+1:00")]
    [InlineData("2024-01-02T03:04:05+01:00Z")]
    [InlineData("-024-01-02T03:04:05Z")]
    [InlineData("2024-01-02 03:04:05Z")]
    public void What_is_no_time_is_refused(string text) => Assert.False(VaultTime.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Random_times_agree_with_the_base_library()
    {
        var random = new Random(1);
        for (var i = 0; i < 5000; i++)
        {
            var ticks = random.NextInt64(DateTimeOffset.MinValue.AddDays(2).UtcTicks, DateTimeOffset.MaxValue.AddDays(-2).UtcTicks);
            var expected = new DateTimeOffset(ticks, TimeSpan.Zero).ToOffset(TimeSpan.FromMinutes(random.Next(-14 * 60, 14 * 60)));
            var time = VaultTime.Of(expected);

            Assert.Equal(expected, time.ToDateTimeOffset());
            var text = expected.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
            Assert.StartsWith(text, time.ToString(), StringComparison.Ordinal);
            Assert.True(VaultTime.TryParse(Encoding.ASCII.GetBytes(time.ToString()), out var parsed));
            Assert.Equal(time, parsed);
        }
    }

    [Fact]
    public void Offset_is_that_of_the_zone_at_that_instant()
    {
        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

        Assert.Equal("2024-01-02T04:04:05+01:00", VaultTime.In(berlin, 1704164645, 0).ToString());
        Assert.Equal("2024-07-02T05:04:05+02:00", VaultTime.In(berlin, 1719889445, 0).ToString());
        Assert.Equal(VaultTime.In(berlin, long.MaxValue / 2, 0).OffsetMinutes, VaultTime.In(berlin, 253402200000, 0).OffsetMinutes);
    }
}
